import { randomBytes } from 'node:crypto';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf } from '@waybill/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanInstances, containersOf } from '../support/engine.js';
import { httpProbe, serving, shellImage, webPort, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';

let server: TestServer;
let folder: string;
const here = site(() => server);
const made: string[] = [];
const key = `gate${randomBytes(4).toString('hex')}`;

const probe = { probes: [httpProbe(80)] };
const published = { port_map_list: [webPort(true)] };

/** A version whose `web` runs the line, beside an `api` that follows it. */
async function version(number: string, line: string): Promise<string> {
  const web = await shellImage(`test/${key}-web:${number}`, line);
  const api = await shellImage(`test/${key}-api:${number}`, serving(`api ${number}`));
  return writePackage(folder, {
    key,
    version: number,
    images: [web, api],
    components: [
      { key: 'api', image: `test/${key}-api:${number}`, more: probe },
      {
        key: 'web',
        image: `test/${key}-web:${number}`,
        dependsOn: ['api'],
        env: { TOKEN: 'visible' },
        connection: { PASS: '**None**' },
        more: { ...published, ...probe },
      },
    ],
  });
}

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  expect(await here.import(await version('1.0', serving('web 1.0')))).toMatchObject({ state: 'succeeded' });
  expect(
    await here.import(await version('1.1', 'echo "the secret is $PASS"; echo cannot start; exit 3')),
  ).toMatchObject({ state: 'succeeded' });
  expect(await here.import(await version('1.2', 'echo waiting for nothing; exec sleep 1000'))).toMatchObject({
    state: 'succeeded',
  });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

describe('an upgrade whose new image never becomes ready', () => {
  it.each([
    ['1.1', 'ends at once', /exit code 3|exited/, 'cannot start'],
    ['1.2', 'never answers its probe', /probe|ready|answer/i, 'waiting for nothing'],
  ])('to %s, which %s, brings the old containers back and says why', async (target, _, reason, lastWords) => {
    const name = `${key}-${target.replace('.', '-')}`;
    expect(await here.install(name, { template: key, version: '1.0' })).toMatchObject({ state: 'succeeded' });
    const before = await here.instance(name);
    made.push(before.id);
    const url = `http://127.0.0.1:${String(before.components.find((one) => one.name === 'web')?.ports[0]?.hostPort)}/`;

    const ended = await here.carryOut(name, { kind: 'upgrade', version: target });
    expect(ended).toMatchObject({ state: 'failed', detail: 'reverted' });
    expect(ended.failure?.message).toMatch(reason);

    const after = await here.instance(name);
    expect(after).toMatchObject({ version: '1.0', openRecord: null });
    expect(after.components.map(({ serving: unit }) => unit)).toEqual(
      before.components.map(({ serving: unit }) => unit),
    );
    expect((after.live ?? []).map(({ name: one, condition }) => `${one} ${condition}`)).toEqual([
      'api healthy',
      'web healthy',
    ]);
    expect(await (await fetch(url)).text()).toBe('web 1.0\n');
    expect(await containersOf(before.id)).toHaveLength(2);

    const record = (await here.history(name)).at(-1);
    expect(record).toMatchObject({ kind: 'upgrade', status: 'reverted' });
    const web = record?.components.find(({ component }) => component === 'web');
    expect(web?.log).toContain(lastWords);
    if (target === '1.1') expect(web?.log).toContain('the secret is •••');

    // The way is free: the next good plan goes through.
    expect(await here.carryOut(name, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
  });
});

describe('a failure that nobody foresaw', () => {
  it('is tried again for a while; then the rollout goes back and says where to look', async () => {
    const unread = `${key}-unread`;
    const image = await shellImage(`test/${unread}:1.0`, serving(unread));
    const components = [{ key: 'web', image: `test/${unread}:1.0`, more: probe }];
    const file = await writePackage(folder, { key: unread, version: '1.0', images: [image], components });
    expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
    // A file that cannot be read at its beginning, whoever asks: EIO, as from a disk that fails.
    const stored = join(server.data, 'content/blobs/sha256', hexOf(image.id));
    await rm(stored);
    await symlink('/proc/self/mem', stored);

    expect(await here.install(unread, { template: unread })).toMatchObject({
      state: 'failed',
      detail: 'reverted',
      failure: {
        message: expect.stringContaining('an unexpected failure; the server’s log has the details') as string,
      },
    });
    const { id, openRecord } = await here.instance(unread);
    made.push(id);
    expect(openRecord).toBe(null);
    const told = server
      .logs()
      .split('\n')
      .filter((line) => line.includes('EIO') && line.includes(id));
    expect(told.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      ...Array.from({ length: 4 }, () => 'a rollout waits'),
      'a rollout goes back',
    ]);
    expect(await here.carryOut(unread, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
  });
});
