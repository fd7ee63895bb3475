import type Docker from 'dockerode';
import { expect } from 'vitest';
import { containersOf, engine } from './engine.js';
import type { Site } from './site.js';

/**
 * The engine has what the log says of an instance of `writeDataVersion`: each component healthy and of that version, no container too many,
 * nothing open.
 */
export async function expectInStep(
  here: Site,
  name: string,
  version: string,
  docker: Docker = engine(),
): Promise<void> {
  const instance = await here.instance(name);
  expect(instance).toMatchObject({ version, openRecord: null, status: 'installed' });
  expect((instance.live ?? []).map(({ name: one, condition }) => `${one} ${condition}`).sort()).toEqual([
    'db healthy',
    'web healthy',
  ]);
  expect((await containersOf(instance.id, docker)).map(({ Id }) => Id).sort()).toEqual(
    instance.components.flatMap((one) => (one.serving?.containers ?? []).map(({ id }) => id)).sort(),
  );
  const port = instance.components.find((one) => one.name === 'web')?.ports[0]?.hostPort;
  expect(await (await fetch(`http://127.0.0.1:${String(port)}/`)).text()).toBe(`web ${version}\n`);
}
