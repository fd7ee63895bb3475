import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BuiltImage } from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { cleanInstances } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { shellImage, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { waybill } from '../support/waybill.js';

const key = `drawn${randomBytes(4).toString('hex')}`;
const name = `site-${key}`;
const reason = 'it loses orders';
const instances: string[] = [];
let image: BuiltImage;
let folder: string;
let server: TestServer;
const here = site(() => server);
const run = (...args: readonly string[]) => waybill(server, args);

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  image = await shellImage(`test/${key}`, 'trap "exit 0" TERM; sleep 100000 & wait');
  for (const version of ['1.0', '2.0', '3.0']) await bring(version);
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages([image]);
});

async function bring(version: string): Promise<void> {
  const components = [{ key: 'job', image: `test/${key}`, env: { VERSION: version } }];
  const file = await writePackage(folder, { key, version, images: [image], components });
  expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
}

const offered = async () =>
  (await here.ask<{ upgrades: readonly { version: string }[] }>('GET', `/instances/${name}/upgrades`)).upgrades.map(
    ({ version }) => version,
  );

it('a withdrawn version is offered no more, goes on where it runs, and can be gone back to', async () => {
  expect(await here.install(name, { template: key, version: '1.0' })).toMatchObject({ state: 'succeeded' });
  instances.push((await here.instance(name)).id);
  const planned = await here.plan(name, { kind: 'upgrade', version: '3.0' });

  expect(await run('template', 'release', key, '2.0')).toMatchObject({ exit: 0 });
  expect(await run('template', 'withdraw', key, '3.0')).toMatchObject({ exit: 2 });
  expect(await run('template', 'withdraw', key, '3.0', '--reason', reason)).toMatchObject({
    exit: 2,
    err: expect.stringContaining('repeat the command with --yes') as string,
  });
  expect((await run('template', 'versions', key)).out).not.toContain('withdrawn');
  expect(await run('template', 'withdraw', key, '3.0', '--reason', reason, '--yes')).toMatchObject({
    exit: 0,
    out: `Version 3.0 of ${key} is now withdrawn: ${reason}\n`,
  });
  expect(await run('template', 'withdraw', key, '3.0', '--reason', 'another', '--yes')).toMatchObject({
    out: `Version 3.0 of ${key} is withdrawn already: ${reason}\n`,
  });
  expect(await run('template', 'release', key, '3.0')).toMatchObject({ exit: 3 });
  expect(await offered()).toEqual(['2.0']);
  expect(await here.refusal('POST', `/instances/${name}/records`, { plan: planned.digest })).toBe('version-withdrawn');
  expect(await here.refusal('POST', `/instances/${name}/plans`, { kind: 'upgrade', version: '3.0' })).toBe(
    'version-withdrawn',
  );
  expect(await here.refusal('POST', '/instances', { name: `new-${key}`, template: key, version: '3.0' })).toBe(
    'version-withdrawn',
  );
  expect(await here.carryOut(name, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
  expect((await here.instance(name)).version).toBe('2.0');

  await here.ask('POST', `/templates/${key}/versions/1.0/withdraw`, { reason });
  await here.ask('POST', `/templates/${key}/versions/2.0/withdraw`, { reason });
  expect(await offered()).toEqual([]);
  expect(await here.instance(name)).toMatchObject({ withdrawn: { reason, by: 'here', account: {} } });
  const warning = `! ${name} runs a withdrawn version, 2.0: ${reason}\n`;
  for (const args of [['list'], ['show', name]]) expect((await run(...args)).out).toContain(warning);
  const versions = await run('template', 'versions', key);
  const { id: who } = (await here.ask<{ by: { id: string } }>('GET', `/templates/${key}/versions/1.0`)).by;
  expect(versions.out.match(new RegExp(`withdrawn [^|\\n]* by ${who}: ${reason}`, 'g'))).toHaveLength(3);
  const shown = (await run('template', 'show', key, '2.0')).out;
  expect(shown).toMatch(new RegExp(`^Released: +.* by ${who}$`, 'm'));
  expect(shown).toMatch(new RegExp(`^Withdrawn: +.* by ${who}: ${reason}$`, 'm'));
  expect(shown).toMatch(/^Signed by: +nobody: packages of this format cannot be signed$/m);

  const back = await here.plan(name, { kind: 'rollback' });
  expect(back.warnings).toContainEqual({
    code: 'version-withdrawn',
    subject: 'template',
    message: `version 1.0 was withdrawn: ${reason}`,
  });
  expect(await here.ended(await here.submit(name, back.digest))).toMatchObject({ state: 'succeeded' });
  expect((await here.instance(name)).version).toBe('1.0');
});

it('is an act of publishers, tried out and guarded as any', async () => {
  const { token } = await here.ask<{ token: string }>('POST', '/tokens', { account: `op-${key}`, roles: ['operator'] });
  const path = `/api/v1/templates/${key}/versions/2.0/withdraw`;
  expect((await call(server, 'POST', path, { token, body: { reason } })).status).toBe(403);
  const stale = await call<{ code: string }>(server, 'POST', path, {
    body: { reason },
    headers: { 'if-match': '"0"' },
  });
  expect([stale.status, stale.body.code]).toEqual([412, 'revision-mismatch']);
});

it('gives out what guards a change wherever it is read', async () => {
  await bring('4.0');
  const versionPath = `/api/v1/templates/${key}/versions/4.0`;
  const etagOf = async (path: string) => (await call(server, 'GET', path)).headers.get('etag');
  const ifMatch = async () => ({ 'if-match': String(await etagOf(versionPath)) });
  expect(await etagOf(`/api/v1/templates/${key}`)).toBe(await etagOf(versionPath));
  const before = await ifMatch();
  const withdraw = (headers: Readonly<Record<string, string>>) =>
    call(server, 'POST', `${versionPath}/withdraw`, { body: { reason }, headers });
  const done = await withdraw(before);
  const after = encodeURIComponent(String(done.headers.get('waybill-position')));
  expect([done.status, done.headers.get('etag')]).toEqual([200, await etagOf(`${versionPath}?after=${after}`)]);
  expect((await withdraw(before)).status).toBe(412);

  const retention = `/api/v1/instances/${name}/retention`;
  const put = (days: number, headers: Readonly<Record<string, string>> = {}) =>
    call(server, 'PUT', retention, { body: { records: 1, days }, headers });
  expect(await etagOf(retention)).toBeNull();
  expect((await put(1)).headers.get('etag')).toBe('"0"');
  expect(await etagOf(retention)).toBe('"0"');
  expect((await put(2, { 'if-match': '"0"' })).status).toBe(200);
  expect((await put(3, { 'if-match': '"0"' })).body).toMatchObject({ status: 412, code: 'revision-mismatch' });
});
