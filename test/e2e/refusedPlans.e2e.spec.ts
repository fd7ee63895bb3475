import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call } from '../support/call.js';
import { cleanInstances, containersOf, execIn } from '../support/engine.js';
import { serving, shellImage, writePackage, httpProbe } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';
import { waybill } from '../support/waybill.js';

let server: TestServer;
let folder: string;
const here = site(() => server);
const made: string[] = [];
const unique = randomBytes(4).toString('hex');

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(made);
});

const sleeping = async (reference: string) => [await shellImage(reference, 'exec sleep 1000')];

it('a plan for more containers than the instance’s network has room for is refused before anything is made', async () => {
  const key = `crowd${unique}`;
  const reference = `test/${key}:1.0`;
  const more = { extend_method: 'stateless_multiple', extend_method_map: { min_node: 5_000, max_node: 64 } };
  const components = [{ key: 'web', image: reference, more }];
  expect(
    await here.import(
      await writePackage(folder, { key, version: '1.0', images: await sleeping(reference), components }),
    ),
  ).toMatchObject({ state: 'succeeded' });
  const { id } = await here.ask<{ id: string }>('POST', '/instances', { name: key, template: key });
  made.push(id);
  const install = { kind: 'install' };
  const refused = await call(server, 'POST', `/api/v1/instances/${key}/plans`, { body: install });
  expect([refused.status, refused.body]).toMatchObject([
    422,
    { code: 'network-too-small', details: { fresh: 5_000, old: 0, room: 61, component: 'web' } },
  ]);
  const set = (value: string) => ({ settings: [{ item: 'web/replicas', value }] });
  expect(await here.refusal('PATCH', `/instances/${key}/settings`, set('62'))).toBe('setting-not-allowed');
  await here.ask('PATCH', `/instances/${key}/settings`, set('61'));
  expect((await here.plan(key, install)).steps).toMatchObject([{ name: 'web', action: 'create' }]);
  await here.ask('PATCH', `/instances/${key}/settings`, set('2'));
  expect(await here.carryOut(key, install)).toMatchObject({ state: 'succeeded' });
  // Two are there while the new ones come.
  await here.ask('PATCH', `/instances/${key}/settings`, set('60'));
  expect(await here.refusal('POST', `/instances/${key}/plans`, { kind: 'reconfigure' })).toBe('network-too-small');
  expect(await containersOf(id)).toHaveLength(2);
});

it('a plan that only the end of an open record makes possible is refused with that record', async () => {
  const key = `open${unique}`;
  const reference = `test/${key}:1.0`;
  const go = 'until [ -f /go ]; do sleep 0.1; done; ';
  const images = [await shellImage(reference, go + serving('here'))];
  const components = [{ key: 'web', image: reference, more: { probes: [httpProbe(80)] } }];
  const file = await writePackage(folder, { key, version: '1.0', images, components });
  expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
  const { id } = await here.ask<{ id: string }>('POST', '/instances', { name: key, template: key });
  made.push(id);
  const operation = await here.submit(key, (await here.plan(key, { kind: 'install' })).digest);
  const refusals = async () => {
    const kinds = ['install', 'upgrade', 'rollback', 'reconfigure'].map((kind) =>
      here.refusal('POST', `/instances/${key}/plans`, { kind }),
    );
    return Promise.all(kinds);
  };
  // It may be begun again; whoever only looks is not kept from it.
  expect(await refusals()).toEqual(['answered 200', 'record-open', 'record-open', 'record-open']);
  const web = await waitFor('the container', async () =>
    (await containersOf(id)).find(({ State }) => State === 'running'),
  );
  await execIn(web.Id, 'touch /go');
  expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
  expect(await refusals()).toEqual([
    'instance-already-installed',
    'no-upgrade-available',
    'record-not-rollbackable',
    'answered 200',
  ]);
});

it('what a component needs that only the next version brings is set before the upgrade', async () => {
  const key = `brings${unique}`;
  const versions = [
    { version: '1.0', added: [] },
    { version: '2.0', added: [{ key: `${key}-cron`, name: 'cron', more: { extend_method: 'cronjob' } }] },
    { version: '3.0', added: [] },
  ];
  const web = { key: `${key}-web`, name: 'web' };
  const write = async (version: string, added: (typeof versions)[number]['added']) => {
    const reference = `test/${key}:${version}`;
    const components = [web, ...added].map((one) => ({ ...one, image: reference }));
    return writePackage(folder, { key, version, images: await sleeping(reference), components });
  };
  const [first, second, third] = await Promise.all(versions.map(({ version, added }) => write(version, added)));
  for (const file of [first, second, third])
    expect(await here.import(file ?? '')).toMatchObject({ state: 'succeeded' });
  expect(await here.install(key, { template: key, version: '1.0' })).toMatchObject({ state: 'succeeded' });
  made.push((await here.instance(key)).id);

  const upgrade = ['upgrade', key, '2.0', '--yes'];
  const refused = await waybill(server, upgrade);
  expect([refused.exit, refused.err]).toEqual([3, expect.stringContaining('Set it: cron.schedule="0 3 * * *"')]);
  const set = await waybill(server, ['set', key, 'cron.schedule=*/5 * * * *']);
  expect([set.exit, set.out]).toEqual([0, expect.stringContaining(`1 setting of "${key}" waits`)]);
  const { items } = await here.ask<{ items: readonly { item: string; pending?: string }[] }>(
    'GET',
    `/instances/${key}/settings`,
  );
  expect(items.filter(({ pending }) => pending !== undefined)).toMatchObject([
    { item: 'cron/schedule', component: { key: `${key}-cron`, name: 'cron' }, pending: '*/5 * * * *' },
  ]);
  const history = await waybill(server, ['settings', key, '--history', 'cron.schedule']);
  expect([history.exit, history.out]).toEqual([0, expect.stringContaining('cron/schedule')]);
  // It may be taken back, and set again; what no version has stays unknown, and what is no schedule is none.
  expect((await waybill(server, ['set', key, '--withdraw', 'cron.schedule'])).exit).toBe(0);
  expect((await waybill(server, ['set', key, 'corn.schedule=never'])).err).toContain('did you mean cron?');
  expect((await waybill(server, ['set', key, 'cron.schedule=often'])).exit).toBe(3);
  expect((await waybill(server, ['set', key, 'cron.schedule=*/5 * * * *'])).exit).toBe(0);
  expect((await here.plan(key, { kind: 'reconfigure' })).warnings).toMatchObject([
    { code: 'setting-without-component' },
  ]);
  const upgraded = await waybill(server, upgrade);
  expect([upgraded.exit, upgraded.err]).toEqual([0, expect.any(String)]);
  const after = await here.ask<{ items: readonly { item: string; value?: string }[] }>(
    'GET',
    `/instances/${key}/settings`,
  );
  expect(after.items.find(({ item }) => item === 'cron/schedule')).toMatchObject({ value: '*/5 * * * *' });
});
