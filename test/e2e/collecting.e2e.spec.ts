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

const key = `kept${randomBytes(4).toString('hex')}`;
const name = `site-${key}`;
const instances: string[] = [];
const images: BuiltImage[] = [];
const packages: string[] = [];
let server: TestServer;
const here = site(() => server);
const run = (...args: readonly string[]) => waybill(server, args);

interface Collection {
  readonly outcome: string;
  readonly content: readonly { readonly digest: string }[];
  readonly kept: readonly { readonly version: string; readonly because: readonly string[] }[];
}
interface Finding {
  readonly check: string;
  readonly state: string;
}

beforeAll(async () => {
  const folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  for (const version of ['1.0', '2.0']) {
    const image = await shellImage(
      `test/${key}:${version}`,
      `echo ${key} ${version}; trap "exit 0" TERM; sleep 100000 & wait`,
    );
    images.push(image);
    const components = [{ key: 'job', image: `test/${key}:${version}` }];
    packages.push(await writePackage(folder, { key, version, images: [image], components }));
    expect(await here.import(packages.at(-1) ?? '')).toMatchObject({ state: 'succeeded' });
  }
  expect(await here.install(name, { template: key, version: '1.0' })).toMatchObject({ state: 'succeeded' });
  instances.push((await here.instance(name)).id);
  expect(await here.carryOut(name, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages(images);
});

const collect = (query = '') => here.ask<Collection>('POST', `/content/collect${query}`, {});
const findings = async () => {
  const { findings: all } = await here.ask<{ findings: readonly Finding[] }>('GET', '/admin/doctor');
  return all.filter(({ check }) => check.includes('content')).map(({ check, state }) => [check, state]);
};

it('what a rollback leads to stays as long as it must, then goes, and comes back with its package', async () => {
  expect((await collect()).outcome).toBe('nothing');
  await here.ask('POST', `/templates/${key}/versions/1.0/withdraw`, { reason: 'old' });
  expect(await collect()).toMatchObject({
    outcome: 'nothing',
    kept: [{ version: '1.0', because: [`${name} can be rolled back to it (record 2)`] }],
  });
  expect((await run('retention', name)).out).toContain('its last 3 records');
  expect(await run('retention', name, '--records', '0', '--days', '0')).toMatchObject({ exit: 0 });

  const shown = await run('gc', '--dry-run');
  expect([shown.exit, shown.out]).toEqual([0, expect.stringContaining(`${key} 1.0`)]);
  expect(await run('gc')).toMatchObject({ exit: 2, err: expect.stringContaining('--yes') as string });
  expect(await findings()).toEqual([['content', 'fine']]);
  const done = await run('gc', '--yes');
  expect([done.exit, done.out]).toEqual([0, expect.stringContaining('Collected ')]);
  expect(await findings()).toEqual([
    ['content', 'fine'],
    ['collected content', 'remark'],
  ]);
  expect((await collect()).outcome).toBe('nothing');

  await removeImages(images.slice(0, 1));
  const { digest, warnings } = await here.plan(name, { kind: 'rollback' });
  expect(warnings.map(({ code }) => code)).toEqual(['version-withdrawn', 'content-missing']);
  const refused = await call<{ code: string; detail: string }>(server, 'POST', `/api/v1/instances/${name}/records`, {
    body: { plan: digest },
  });
  expect([refused.body.code, refused.body.detail]).toEqual([
    'blob-missing',
    expect.stringContaining(`${key}-1.0-ram.tar.gz`),
  ]);
  expect(await here.import(packages[0] ?? '')).toMatchObject({ state: 'succeeded' });
  expect(await here.ended(await here.submit(name, digest))).toMatchObject({ state: 'succeeded' });
  expect(await here.instance(name)).toMatchObject({ version: '1.0', withdrawn: { reason: 'old' } });
});

it('is for administrators, and waits for another server that is at it', async () => {
  const { token } = await here.ask<{ token: string }>('POST', '/tokens', { account: `op-${key}`, roles: ['operator'] });
  expect((await call(server, 'POST', '/api/v1/content/collect', { token, body: {} })).status).toBe(403);
  expect(await collect('?dryRun=true')).toMatchObject({ outcome: 'checked', content: [] });
});
