import { randomBytes } from 'node:crypto';
import { copyFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltImage } from '@waybill/packaging/testing';
import { allAnswers, notAsked, readableRoutes, type Answers } from '../support/answers.js';
import { call } from '../support/call.js';
import { cleanInstances, containersOf } from '../support/engine.js';
import { heldBy, removeImages } from '../support/engineImages.js';
import { backendSystem, fixture, shellImage, writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

let server: TestServer;
let folder: string;
const here = site(() => server);
const instances: string[] = [];
const images: BuiltImage[] = [];
const key = `enough${randomBytes(4).toString('hex')}`;

/** A version with an image that no other test has, and a secret that is generated at the site. */
async function version(number: string): Promise<string> {
  const image = await shellImage(`test/${key}:${number}`, `echo ${key} ${number}; exec sleep 100000`);
  images.push(image);
  const components = [
    { key: 'job', image: `test/${key}:${number}`, env: { LEVEL: 'info' }, connection: { PASS: '**None**' } },
  ];
  return writePackage(folder, { key, version: number, images: [image], components });
}

const imageOf = (number: string): BuiltImage => {
  const image = images.find(({ references }) => references.includes(`test/${key}:${number}`));
  if (image === undefined) throw new Error(`no image of ${number}`);
  return image;
};

async function install(name: string, template: string, number: string): Promise<string> {
  expect(await here.install(name, { template, version: number })).toMatchObject({ state: 'succeeded' });
  const { id } = await here.instance(name);
  instances.push(id);
  return id;
}

/** Stops the server, takes what is named from its data folder, and starts it on what is left. */
async function restartWithout(lost: (file: string) => boolean): Promise<readonly string[]> {
  expect(await server.stop()).toBe(0);
  const { data, adminToken } = server;
  const files = await readdir(data);
  for (const file of files.filter(lost)) await rm(join(data, file), { recursive: true });
  server = await startServer({ data, adminToken, env });
  await waitFor('the read models to follow the log', async () =>
    (await call(server, 'GET', '/api/v1/health/ready')).body['status'] === 'ready' ? true : undefined,
  );
  return files.filter(lost).sort();
}

const isLog = (file: string) => /^events\.db(-\w+)?$|^events\.db\.\w+$/.test(file);
const isSecretKey = (file: string) => file === 'secret-key';
const isReadModel = (file: string) => file.startsWith('read-models.db');

let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await freshFolder();
  for (const number of ['1.0', '2.0'] as const)
    await copyFile(fixture(number), join(folder, basename(fixture(number))));
  env = { WAYBILL_IMPORT_ROOTS: folder };
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages(images);
});

/**
 * What may be told otherwise when everything but the log and the secret key was lost: which content is missing, and what the engine says of its
 * containers at this moment. Every other word must be the same.
 */
function withoutContentAndEngine(answers: Answers): Answers {
  return Object.fromEntries(
    Object.entries(answers).map(([path, answer]) => {
      const body = answer.body as Record<string, unknown>;
      if (/^\/templates\/[^/]+\/versions\/[^/]+$/.test(path)) {
        const { missing: _missing, restoredBy: _restoredBy, images, ...rest } = body;
        const shown = (images as readonly object[]).map((image) => ({ ...image, complete: undefined }));
        return [path, { ...answer, body: { ...rest, images: shown } }];
      }
      if (path.startsWith('/inventory/missing')) return [path, { ...answer, body: undefined }];
      if (/^\/instances\/[^/]+$/.test(path)) return [path, { ...answer, body: { ...body, live: undefined } }];
      return [path, answer];
    }),
  );
}

describe('a server that lost every file but its log and its secret key', () => {
  const shop = `shop-${key}`;
  const job = `job-${key}`;
  let before: Answers;
  let packages: Readonly<Record<string, string>>;

  beforeAll(async () => {
    server = await startServer({ env });
    packages = { '1.0': await version('1.0'), '2.0': await version('2.0') };
    for (const file of [fixture('1.0'), fixture('2.0')].map((path) => join(folder, basename(path))))
      expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
    for (const file of Object.values(packages)) expect(await here.import(file)).toMatchObject({ state: 'succeeded' });

    const { id, operation } = await here.ask<{ id: string; operation: string }>('POST', '/exports', {
      template: backendSystem,
      version: '1.0',
      split: 200_000,
    });
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    // An import that waits for its parts, told of by the index alone.
    const index = 'backend-system-1.0.waybill.parts.json';
    const given = await fetch(`${server.url}/api/v1/exports/${id}/files/${index}`, {
      headers: { authorization: `Bearer ${server.adminToken}` },
    });
    await writeFile(join(folder, index), Buffer.from(await given.arrayBuffer()));
    expect(await here.ask('POST', '/imports', { path: join(folder, index) })).toMatchObject({ state: 'collecting' });
    await install(shop, backendSystem, '1.0');
    expect(await here.carryOut(shop, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
    await here.ask('PATCH', `/instances/${shop}/settings`, {
      settings: [
        { item: 'web/env/LOG_LEVEL', value: 'warn' },
        { item: 'web/env/API_TOKEN', value: 'keep-this-to-yourself', secret: true },
      ],
    });
    expect(await here.carryOut(shop, { kind: 'reconfigure' })).toMatchObject({ state: 'succeeded' });
    const upgrade = (await here.history(shop))[1]?.id ?? '';
    expect(await here.carryOut(shop, { kind: 'rollback', record: upgrade })).toMatchObject({ state: 'succeeded' });
    await install(job, key, '1.0');
    await here.ask('PATCH', `/instances/${job}/settings`, { settings: [{ item: 'job/env/LEVEL', value: 'debug' }] });

    await here.ask('PUT', `/instances/${shop}/retention`, { records: 7, days: 400 });
    await here.ask('POST', `/templates/${backendSystem}/versions/2.0/release`);
    const gone = `gone-${key}`;
    await install(gone, key, '1.0');
    expect(await here.carryOut(gone, { kind: 'remove', removeVolumes: true })).toMatchObject({ state: 'succeeded' });
    const undecided = await here.ask<{ id: string; operation: string }>('POST', '/imports', { path: packages['2.0'] });
    await here.ended(undecided.operation);
    await here.ask('DELETE', `/imports/${undecided.id}`);
    await writeFile(join(folder, 'no-package.tar.gz'), 'this is no package');
    expect(await here.import(join(folder, 'no-package.tar.gz'))).toMatchObject({ state: 'failed', detail: 'refused' });
    const olga = await here.ask<{ id: string }>('POST', '/tokens', { account: 'olga', roles: ['operator', 'auditor'] });
    await here.ask('POST', '/tokens', { account: 'olga', roles: ['auditor'], label: 'second' });
    await here.ask('DELETE', `/tokens/${olga.id}`);
    before = (await allAnswers(server)).answers;
  });

  it('is asked for everything that can be read', async () => {
    const { routes, answers } = await allAnswers(server);
    expect([...routes, ...Object.keys(notAsked)].sort()).toEqual([...(await readableRoutes(server))].sort());
    expect(Object.entries(answers).filter(([, { status }]) => status !== 200)).toEqual([]);
    expect(answers).toEqual(before);
    expect(JSON.stringify(answers)).not.toContain('keep-this-to-yourself');
  });

  it('gives the same answers, to the letter, when only its read models were lost', async () => {
    expect(await restartWithout(isReadModel)).toContain('read-models.db');
    expect((await allAnswers(server)).answers).toEqual(before);
  });

  it('gives the same answers, to the letter, while and after its read models are rebuilt', async () => {
    const { operation } = await here.ask<{ operation: string }>('POST', '/admin/rebuild');
    expect((await allAnswers(server)).answers).toEqual(before);
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect((await allAnswers(server)).answers).toEqual(before);
  });

  it('gives the same answers as before, but for what is missing', async () => {
    const lost = await restartWithout((file) => !isLog(file) && !isSecretKey(file));
    expect(lost).toEqual(expect.arrayContaining(['admin-token', 'content', 'server-name', 'uploads']));
    expect(lost.some(isReadModel)).toBe(true);
    const { answers } = await allAnswers(server);
    expect(withoutContentAndEngine(answers)).toEqual(withoutContentAndEngine(before));
  });

  it('names what is missing, what that blocks, and which file brings it back', async () => {
    const { items } = await here.ask<{ items: readonly { template: string; missing: { blobs: string[] } }[] }>(
      'GET',
      '/inventory/missing',
    );
    const of = (template: string, number: string, name: string) =>
      expect.objectContaining({
        template,
        version: number,
        blocks: ['install', 'export'],
        restoredBy: expect.objectContaining({ name }) as unknown,
      }) as unknown;
    expect(items).toEqual([
      of(key, '1.0', `${key}-1.0-ram.tar.gz`),
      of(key, '2.0', `${key}-2.0-ram.tar.gz`),
      of(backendSystem, '1.0', basename(fixture('1.0'))),
      of(backendSystem, '2.0', basename(fixture('2.0'))),
    ]);
    const { id, layers } = imageOf('2.0');
    expect(await here.ask('GET', `/templates/${key}/versions/2.0`)).toMatchObject({
      missing: { blobs: [id], layers: layers.map(({ diffId }) => diffId).sort() },
      restoredBy: { name: `${key}-2.0-ram.tar.gz` },
      images: [{ config: id, complete: false }],
    });
  });

  it('still carries out what the engine has the images for', async () => {
    expect(await heldBy([imageOf('1.0')])).toEqual([imageOf('1.0').id]);
    const plan = await here.plan(job, { kind: 'reconfigure' });
    expect(plan.warnings.map(({ code }) => code)).not.toContain('content-missing');
    expect(await here.ended(await here.submit(job, plan.digest))).toMatchObject({ state: 'succeeded' });
  });

  it('says in the plan that content is missing, and refuses to carry it out before anything is touched', async () => {
    expect(await heldBy([imageOf('2.0')])).toEqual([]);
    const containers = async () => (await containersOf((await here.instance(job)).id)).map(({ Id }) => Id);
    const [running, history] = [await containers(), await here.history(job)];
    const plan = await here.plan(job, { kind: 'upgrade' });
    expect(plan.warnings).toContainEqual(
      expect.objectContaining({
        code: 'content-missing',
        message: expect.stringContaining(`${key}-2.0-ram.tar.gz`) as string,
      }),
    );
    const refused = await call(server, 'POST', `/api/v1/instances/${job}/records`, { body: { plan: plan.digest } });
    expect([refused.status, refused.body['code']]).toEqual([409, 'blob-missing']);
    expect(refused.body['detail']).toContain(`${key}-2.0-ram.tar.gz`);
    expect([await containers(), await here.history(job)]).toEqual([running, history]);
  });

  it('has the content again once the package was imported again, and upgrades', async () => {
    const again = await here.beginImport(packages['2.0'] ?? '');
    expect(await here.ended(again.operation)).toMatchObject({
      state: 'succeeded',
      result: { template: key, version: '2.0', outcome: 'already-present' },
    });
    expect(await here.ask('GET', `/templates/${key}/versions/2.0`)).toMatchObject({
      missing: { layers: [], blobs: [] },
      images: [{ complete: true }],
    });
    const plan = await here.plan(job, { kind: 'upgrade' });
    expect(plan.warnings.map(({ code }) => code)).not.toContain('content-missing');
    expect(await here.ended(await here.submit(job, plan.digest))).toMatchObject({ state: 'succeeded' });
    expect(await here.instance(job)).toMatchObject({ version: '2.0', live: [{ condition: 'healthy' }] });
    expect((await here.history(job)).map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'install completed',
      'reconfigure completed',
      'upgrade completed',
    ]);
  });

  it('brings everything back when every package was imported again', async () => {
    for (const file of ['1.0', '2.0'] as const) {
      expect(await here.import(join(folder, basename(fixture(file))))).toMatchObject({ state: 'succeeded' });
      expect(await here.import(packages[file] ?? '')).toMatchObject({ state: 'succeeded' });
    }
    expect(await here.ask('GET', '/inventory/missing')).toEqual({ items: [] });
    expect(await here.carryOut(shop, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
  });
});

describe('a server that lost its secret key as well', () => {
  const job = `keyless-${key}`;
  const next = `next-${key}`;
  let before: Answers;
  let upgrade: string;

  beforeAll(async () => {
    await cleanServers();
    folder = await freshFolder();
    env = { WAYBILL_IMPORT_ROOTS: folder };
    server = await startServer({ env });
    for (const number of ['3.0', '4.0'])
      expect(await here.import(await version(number))).toMatchObject({ state: 'succeeded' });
    await install(job, key, '3.0');
    await here.ask('POST', '/instances', { name: next, template: key });
    upgrade = (await here.plan(job, { kind: 'upgrade' })).digest;
    before = (await allAnswers(server)).answers;
    await copyFile(join(server.data, 'secret-key'), join(folder, 'secret-key'));
    await restartWithout((file) => !isLog(file));
  });

  it('has its whole history, and makes no other key', async () => {
    const { answers } = await allAnswers(server);
    expect(withoutContentAndEngine(answers)).toEqual(withoutContentAndEngine(before));
    await expect(stat(join(server.data, 'secret-key'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses whatever would need the key, and says so', async () => {
    const running = (await containersOf((await here.instance(job)).id)).map(({ Id }) => Id);
    expect(await here.refusal('POST', `/instances/${next}/plans`, { kind: 'install' })).toBe('secret-key-missing');
    expect(await here.refusal('POST', `/instances/${job}/plans`, { kind: 'upgrade' })).toBe('secret-key-missing');
    const refused = await call(server, 'POST', `/api/v1/instances/${job}/records`, { body: { plan: upgrade } });
    expect([refused.status, refused.body['code']]).toEqual([503, 'secret-key-missing']);
    expect(
      await here.refusal('PATCH', `/instances/${job}/settings`, {
        settings: [{ item: 'job/env/PIN', value: '1234', secret: true }],
      }),
    ).toBe('secret-key-missing');
    expect((await containersOf((await here.instance(job)).id)).map(({ Id }) => Id)).toEqual(running);
    expect(await here.history(job)).toHaveLength(1);
  });

  it('still refuses strangers, and says that it is well', async () => {
    expect((await call(server, 'GET', '/api/v1/templates', { token: null })).status).toBe(401);
    expect((await call(server, 'GET', '/api/v1/health/ready')).body).toMatchObject({ status: 'ready' });
  });

  it('rolls out again once the key is back', async () => {
    await copyFile(join(folder, 'secret-key'), join(server.data, 'secret-key'));
    await restartWithout(() => false);
    expect(await here.import(join(folder, `${key}-4.0-ram.tar.gz`))).toMatchObject({ state: 'succeeded' });
    expect(await here.carryOut(job, { kind: 'upgrade' })).toMatchObject({ state: 'succeeded' });
    expect(await here.instance(job)).toMatchObject({ version: '4.0', live: [{ condition: 'healthy' }] });
  });
});
