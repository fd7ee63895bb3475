import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeDataVersion } from '../support/dataTemplate.js';
import { cleanInstances, tracesOf } from '../support/engine.js';
import { expectInStep } from '../support/inStep.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Ended } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

let server: TestServer;
let folder: string;
const here = site(() => server);
const made = new Set<string>();
const key = `kill${randomBytes(4).toString('hex')}`;
const files: Record<string, string> = {};

beforeAll(async () => {
  folder = await freshFolder();
  for (const version of ['1.0', '2.0']) files[version] = await writeDataVersion(folder, { key, version });
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

/** SIGKILL after the given time, and a new server on the same data. */
async function killAfter(milliseconds: number): Promise<void> {
  await delay(milliseconds);
  await server.kill();
  server = await startServer({ data: server.data, env: { WAYBILL_IMPORT_ROOTS: folder } });
}

const succeeded = (ended: Ended): void => expect(ended.state, JSON.stringify(ended)).toBe('succeeded');

/** Moments spread over an operation; a seed would not make them the same on another machine, so they are given. */
const moments = [30, 700, 2_500, 4_500];

describe('a server that is killed', () => {
  it('in the middle of an import ends it after a restart, with the version in the catalog and nothing left over', async () => {
    for (const moment of [1, 40, 120]) {
      const begun = await here.beginImport(files['1.0'] ?? '');
      await killAfter(moment);
      succeeded(await here.ended(begun.operation));
    }
    expect(await here.ask('GET', `/templates/${key}/versions`)).toMatchObject({ items: [{ version: '1.0' }] });
    expect(
      await waitFor('an empty staging area', async () =>
        (await stagingOf(server.data)).length === 0 ? 'empty' : undefined,
      ),
    ).toBe('empty');
    expect(await here.import(files['2.0'] ?? '')).toMatchObject({ state: 'succeeded' });
  });

  it.each(moments)('%i ms into an install, an upgrade and a rollback ends each well', async (moment) => {
    const name = `${key}-${String(moment)}`;
    const created = await here.ask<{ id: string }>('POST', '/instances', { name, template: key });
    made.add(created.id);
    for (const [body, version] of [
      [{ kind: 'install', version: '1.0' }, '1.0'],
      [{ kind: 'upgrade', version: '2.0' }, '2.0'],
      [{ kind: 'rollback' }, '1.0'],
    ] as const) {
      const operation = await here.submit(name, (await here.plan(name, body)).digest);
      await killAfter(moment);
      succeeded(await here.ended(operation));
      await expectInStep(here, name, version);
    }
    expect((await here.history(name)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'install completed',
      'upgrade completed',
      'rollback completed',
    ]);
    const removal = await here.submit(name, (await here.plan(name, { kind: 'remove', removeVolumes: true })).digest);
    await killAfter(moment);
    succeeded(await here.ended(removal));
    expect(await tracesOf(created.id)).toEqual([]);
  });
});

async function stagingOf(data: string): Promise<readonly string[]> {
  const found = await readdir(join(data, 'content', 'staging')).catch(() => []);
  return found;
}
