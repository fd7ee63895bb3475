import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { indexName, partHasher, partName, partsIndexBytes, rootChain } from '@waybill/packaging';
import { buildImageArchive, testPublisher, type BuiltImage } from '@waybill/packaging/testing';
import { call, type Answer } from '../support/call.js';
import { cleanInstances } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { fixture, shellImage, writePackage } from '../support/fixtures.js';
import { readDescription, type Description, type OperationObject } from '../support/openApi.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site } from '../support/site.js';
import { unpackPackage } from '../support/unpackPackage.js';

/** What is sent to an operation that it may succeed. */
interface Request {
  /** Values of the path, by name. */
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
}

const acme = testPublisher(77);
const NOBODY = '00000000-0000-4000-8000-000000000000';
const tus = { 'tus-resumable': '1.0.0' };
const key = `walk${randomBytes(4).toString('hex')}`;
const images: BuiltImage[] = [];
const instances: string[] = [];
const tokens = new Map<string, string>();
let server: TestServer;
let description: Description;
const here = site(() => server);

/** What was made for the walk, and what it makes on its way. */
const world: Record<
  | 'folder'
  | 'collecting'
  | 'export'
  | 'import'
  | 'discard'
  | 'upgraded'
  | 'upgrade'
  | 'plan'
  | 'token'
  | 'upload'
  | 'key'
  | 'sbom',
  string
> & {
  readonly metadata: Map<string, Readonly<Record<string, unknown>>>;
} = {
  folder: '',
  collecting: '',
  export: '',
  import: '',
  discard: '',
  upgraded: '',
  upgrade: '',
  plan: '',
  token: '',
  upload: '',
  key: '',
  sbom: '',
  metadata: new Map(),
};
const instance = { instance: `walked-${key}` };

/** Every operation of the API with a request that succeeds, in an order in which they do. An operation that is missing here fails the test below. */
const operations: Readonly<Record<string, () => Request>> = {
  'POST /api/v1/templates': () => ({ body: publication('1.0'), status: 201 }),
  'POST /api/v1/templates/{template}/versions': () => ({
    path: { template: backend() },
    body: publication('2.0'),
    status: 201,
  }),
  'GET /api/v1/templates': () => ({ query: 'limit=1' }),
  'GET /api/v1/templates/{template}': () => ({ path: { template: backend() } }),
  'GET /api/v1/templates/{template}/versions': () => ({ path: { template: backend() }, query: 'limit=1' }),
  'GET /api/v1/templates/{template}/versions/{version}': () => ({ path: { template: backend(), version: '1.0' } }),
  'GET /api/v1/templates/{template}/versions/{version}/diff/{other}': () => ({
    path: { template: backend(), version: '1.0', other: '2.0' },
  }),
  'POST /api/v1/templates/{template}/versions/{version}/release': () => ({
    path: { template: backend(), version: '2.0' },
  }),
  'POST /api/v1/templates/{template}/versions/{version}/withdraw': () => ({
    path: { template: backend(), version: '1.0' },
    body: { reason: 'walked over' },
  }),
  'POST /api/v1/templates/{template}/versions/{version}/sboms': () => ({
    path: { template: key, version: '1.0' },
    body: { image: 'job', sbom: { bomFormat: 'CycloneDX', specVersion: '1.6', components: [] } },
    status: 201,
  }),
  'GET /api/v1/templates/{template}/versions/{version}/sboms/{sbom}': () => ({
    path: { template: key, version: '1.0', sbom: world.sbom },
  }),
  'GET /api/v1/inventory': () => ({}),
  'GET /api/v1/inventory/missing': () => ({}),
  'POST /api/v1/exports': () => ({
    body: { template: key, version: '2.0', format: 'waybill', baseVersion: '1.0', split: 65_536 },
    status: 202,
  }),
  'GET /api/v1/exports': () => ({ query: 'state=completed' }),
  'GET /api/v1/exports/{id}': () => ({ path: { id: world.export } }),
  'GET /api/v1/exports/{id}/file': () => ({ path: { id: world.export } }),
  'GET /api/v1/exports/{id}/files/{name}': () => ({
    path: { id: world.export, name: `${key}-2.0-delta-1.0.waybill.part-001` },
  }),
  'POST /api/v1/imports': () => ({ body: { path: join(world.folder, `${key}-3.0-ram.tar.gz`) }, status: 202 }),
  'GET /api/v1/imports': () => ({ query: 'state=inspected' }),
  'GET /api/v1/imports/{id}': () => ({ path: { id: world.import } }),
  'POST /api/v1/imports/{id}/parts': () => ({
    path: { id: world.collecting },
    body: { path: join(world.folder, 'another disk', partName('split', 2)) },
    status: 202,
  }),
  'POST /api/v1/imports/{id}/confirm': () => ({ path: { id: world.import }, body: {}, status: 202 }),
  'DELETE /api/v1/imports/{id}': () => ({ path: { id: world.discard } }),
  'DELETE /api/v1/exports/{id}': () => ({ path: { id: world.export } }),
  'GET /api/v1/operations/{id}': () => ({ path: { id: `import-${world.import}` } }),
  'GET /api/v1/operations/{id}/stream': () => ({ path: { id: `import-${world.import}` } }),
  'POST /api/v1/uploads': () => ({ headers: { ...tus, 'upload-length': '4' }, status: 201 }),
  'OPTIONS /api/v1/uploads': () => ({ headers: tus, status: 204 }),
  'GET /api/v1/uploads': () => ({}),
  'HEAD /api/v1/uploads/{id}': () => ({ path: { id: world.upload }, headers: tus }),
  'PATCH /api/v1/uploads/{id}': () => ({
    path: { id: world.upload },
    headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
    body: 1234,
    status: 204,
  }),
  'DELETE /api/v1/uploads/{id}': () => ({ path: { id: world.upload }, headers: tus, status: 204 }),
  'POST /api/v1/instances': () => ({
    body: {
      name: instance.instance,
      template: key,
      version: '1.0',
      settings: [{ item: 'job/env/LEVEL', value: 'debug' }],
    },
    status: 201,
  }),
  'GET /api/v1/instances': () => ({ query: 'removed=true' }),
  'PATCH /api/v1/instances/{instance}/settings': () => ({
    path: instance,
    body: { settings: [{ item: 'job/env/LEVEL', value: 'warn' }] },
  }),
  'POST /api/v1/instances/{instance}/plans': () => ({ path: instance, body: { kind: 'install', version: '1.0' } }),
  'GET /api/v1/plans/{digest}': () => ({ path: { digest: world.plan } }),
  'POST /api/v1/instances/{instance}/records': () => ({ path: instance, body: { plan: world.plan }, status: 202 }),
  'GET /api/v1/instances/{instance}': () => ({ path: instance }),
  'GET /api/v1/instances/{instance}/upgrades': () => ({ path: instance }),
  'GET /api/v1/instances/{instance}/settings': () => ({ path: instance }),
  'GET /api/v1/instances/{instance}/settings/history': () => ({ path: instance, query: 'item=job/env/LEVEL' }),
  'GET /api/v1/instances/{instance}/state': () => ({ path: instance, query: `at=${new Date().toISOString()}` }),
  'GET /api/v1/instances/{instance}/drift': () => ({ path: instance }),
  'GET /api/v1/instances/{instance}/runs': () => ({ path: instance, query: 'limit=2' }),
  'GET /api/v1/instances/{instance}/records': () => ({ path: { instance: world.upgraded }, query: 'limit=1' }),
  'GET /api/v1/records/{record}': () => ({ path: { record: world.upgrade } }),
  'POST /api/v1/records/{record}/rollback-plan': () => ({ path: { record: world.upgrade }, body: {} }),
  'POST /api/v1/tokens': () => ({ body: { account: 'walker', roles: ['auditor'], label: 'walk' }, status: 201 }),
  'GET /api/v1/tokens': () => ({ query: 'limit=2' }),
  'DELETE /api/v1/tokens/{id}': () => ({ path: { id: world.token }, status: 204 }),
  'GET /api/v1/accounts': () => ({ query: 'limit=2' }),
  'GET /api/v1/accounts/me': () => ({}),
  'PUT /api/v1/accounts/{account}/roles/{role}': () => ({ path: { account: 'walker', role: 'operator' }, status: 204 }),
  'DELETE /api/v1/accounts/{account}/roles/{role}': () => ({
    path: { account: 'walker', role: 'operator' },
    status: 204,
  }),
  'GET /api/v1/trust': () => ({}),
  'POST /api/v1/trust': () => ({
    body: { roots: acme.roots, fingerprint: rootChain(acme.roots).publisher },
    status: 201,
  }),
  'POST /api/v1/trust/revoked-keys': () => ({
    body: { key: acme.keys[0]?.publicKey.fingerprint, reason: 'walked over' },
    status: 204,
  }),
  'GET /api/v1/health/live': () => ({}),
  'GET /api/v1/health/ready': () => ({}),
  'GET /api/v1/instances/{instance}/retention': () => ({ path: instance }),
  'PUT /api/v1/instances/{instance}/retention': () => ({ path: instance, body: { records: 5, days: 365 } }),
  'POST /api/v1/content/collect': () => ({ body: { exportDays: 36_500 } }),
  'GET /api/v1/publisher': () => ({}),
  'POST /api/v1/publisher/rotate': () => ({}),
  'POST /api/v1/publisher/revoked-keys': () => ({ body: { key: world.key, reason: 'walked over' } }),
  'POST /api/v1/admin/rebuild': () => ({ status: 202 }),
  'GET /api/v1/admin/doctor': () => ({}),
};

/** What is learned from an answer, for the requests that come after. */
const learned: Readonly<Record<string, (answer: Answer<Record<string, unknown>>) => void>> = {
  'POST /api/v1/templates/{template}/versions/{version}/sboms': ({ body }) => (world.sbom = String(body['digest'])),
  'GET /api/v1/publisher': ({ body }) => (world.key = String(body['key'])),
  'POST /api/v1/exports': ({ body }) => (world.export = String(body['id'])),
  'POST /api/v1/imports': ({ body }) => (world.import = String(body['id'])),
  'POST /api/v1/uploads': ({ headers }) => (world.upload = headers.get('location')?.split('/').at(-1) ?? ''),
  'POST /api/v1/instances': ({ body }) => void instances.push(String(body['id'])),
  'POST /api/v1/instances/{instance}/plans': ({ body }) => (world.plan = String(body['digest'])),
  'POST /api/v1/tokens': ({ body }) => (world.token = String(body['id'])),
};

const backend = () => String(world.metadata.get('1.0')?.['group_key']);
const publication = (version: string) => ({
  metadata: world.metadata.get(version),
  images: [{ path: join(world.folder, version, 'component-images.tar') }],
});
/** How an operation refuses what is nobody's id: a digest or a role is wrong by its form, and published metadata names its template itself. */
function notFound(operation: string): number {
  if (operation.startsWith('POST ') && operation.endsWith('/versions')) return 422;
  return operation.includes('{digest}') || operation.includes('{role}') ? 400 : 404;
}
/** A third of the values, the next third at the next call; all of them in a deep run. */
function sampled<T>(values: readonly T[]): () => readonly T[] {
  let calls = 0;
  return () => {
    calls += 1;
    return process.env['WAYBILL_TEST_DEEP'] === '1' ? values : values.filter((_, place) => (place + calls) % 3 === 0);
  };
}
const isUpload = (operation: string) => operation.includes('/uploads');
const isOpen = (operation: string) => operation.includes('/health/');
const described = (operation: string): OperationObject => {
  const found = description.operations.get(operation);
  if (found === undefined) throw new Error(`${operation} is not described`);
  return found;
};
const takes = (operation: string, parameter: string) =>
  (described(operation).parameters ?? []).some(({ name }) => name === parameter);

async function send(
  operation: string,
  request: Request,
  more: {
    readonly token?: string | null;
    readonly query?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer<Record<string, unknown>>> {
  const [method = '', route = ''] = operation.split(' ');
  const path = route.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(request.path?.[name] ?? name));
  const query = [request.query, more.query].filter((one) => one !== undefined && one !== '').join('&');
  return call(server, method, `${path}${query === '' ? '' : `?${query}`}`, {
    ...(more.token === undefined ? {} : { token: more.token }),
    ...(request.body === undefined ? {} : { body: request.body }),
    headers: { ...request.headers, ...more.headers },
  });
}

/** Sends, and holds the answer against the description. */
async function judged(...args: Parameters<typeof send>): Promise<Answer<Record<string, unknown>>> {
  const answer = await send(...args);
  expect.soft(description.faults(args[0], answer), `${args[0]} ${JSON.stringify(args.slice(1))}`).toEqual([]);
  expect.soft(answer.status, `${JSON.stringify(args)} ${JSON.stringify(answer.body)}`).not.toBe(500);
  return answer;
}

/** Grants and takes a role in turn, which is one event each: tells the end of the log. */
let granted = false;
async function endOfLog(): Promise<number> {
  granted = !granted;
  const answer = await call(server, granted ? 'PUT' : 'DELETE', '/api/v1/accounts/probe/roles/auditor');
  const token = String(answer.headers.get('waybill-position'));
  return Number((JSON.parse(Buffer.from(token, 'base64url').toString()) as [string, string])[1]);
}

beforeAll(async () => {
  world.folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: world.folder } });
  description = await readDescription(server);
  for (const version of ['1.0', '2.0'] as const) {
    await mkdir(join(world.folder, version));
    await unpackPackage(fixture(version), join(world.folder, version));
    const text = await readFile(join(world.folder, version, 'metadata.json'), 'utf8');
    world.metadata.set(version, JSON.parse(text) as Readonly<Record<string, unknown>>);
  }
  const image = await shellImage(`test/${key}`, 'trap "exit 0" TERM; sleep 100000 & wait');
  images.push(image);
  for (const version of ['1.0', '2.0', '3.0', '4.0']) {
    const components = [{ key: 'job', image: `test/${key}`, env: { LEVEL: 'info', VERSION: version } }];
    const file = await writePackage(world.folder, { key, version, images: [image], components });
    if (version < '3') expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
  }
  const unwanted = await here.ask<{ id: string; operation: string }>('POST', '/imports', {
    path: join(world.folder, `${key}-4.0-ram.tar.gz`),
  });
  await here.ended(unwanted.operation);
  world.discard = unwanted.id;
  world.collecting = await splitImport(await readFile(join(world.folder, `${key}-3.0-ram.tar.gz`)));
  world.upgraded = `upgraded-${key}`;
  expect(await here.install(world.upgraded, { template: key, version: '1.0' })).toMatchObject({ state: 'succeeded' });
  instances.push((await here.instance(world.upgraded)).id);
  expect(await here.carryOut(world.upgraded, { kind: 'upgrade', version: '2.0' })).toMatchObject({
    state: 'succeeded',
  });
  world.upgrade = (await here.history(world.upgraded))[1]?.id ?? '';
  for (const role of ['auditor', 'approver', 'operator', 'publisher', 'admin']) {
    const { token } = await here.ask<{ token: string }>('POST', '/tokens', { account: `only-${role}`, roles: [role] });
    tokens.set(role, token);
  }
  await here.ask('POST', '/tokens', { account: 'probe', roles: ['operator'] });
});
/** An import that waits for both parts of a package, of which one lies on another disk. */
async function splitImport(whole: Uint8Array): Promise<string> {
  const partSize = Math.ceil(whole.length / 2);
  const hasher = partHasher(partSize);
  hasher.update(whole);
  const index = {
    schema: 1,
    package: { name: 'split', digest: sha256(whole), size: whole.length },
    partSize,
    parts: hasher.digests(),
  } as const;
  const path = join(world.folder, indexName('split'));
  await writeFile(path, partsIndexBytes(index));
  await mkdir(join(world.folder, 'another disk'));
  await writeFile(join(world.folder, 'another disk', partName('split', 2)), whole.subarray(partSize));
  return (await here.ask<{ id: string }>('POST', '/imports', { path })).id;
}

afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages(images);
});

describe('every operation that the API describes', () => {
  it('is called here, and no other', () => {
    expect(Object.keys(operations).sort()).toEqual([...description.operations.keys()].sort());
  });

  it('answers as it is described: tried out, carried out, repeated', async () => {
    for (const [name, request] of Object.entries(operations)) {
      const { status = 200, ...given } = request();
      if (takes(name, 'dryRun')) await expectTrial(name, given);
      const headers = takes(name, 'Idempotency-Key') ? { 'idempotency-key': randomUUID() } : {};
      const answer = await judged(name, given, { headers });
      expect(answer.status, `${name} ${JSON.stringify(answer.body)}`).toBe(status);
      expect(answer.headers.get('waybill-dry-run'), name).toBeNull();
      learned[name]?.(answer);
      const operation = status === 202 ? answer.body['operation'] : undefined;
      if (typeof operation === 'string') await here.ended(operation);
      if (takes(name, 'Idempotency-Key')) await expectRepetition(name, given, headers, answer);
    }
  });

  it('answers so as well when a version is published from a Compose file', async () => {
    const archive = join(world.folder, 'images.tar');
    await writeFile(archive, buildImageArchive({ images }));
    const composed = `composed-${key}`;
    const given = (version: string): Request => ({
      body: {
        compose: `name: ${composed}\nservices: {job: {image: "test/${key}", env_file: job.env, ports: ["8080:80"]}}\n`,
        files: { 'job.env': 'LEVEL=info' },
        images: [{ path: archive }],
        version,
      },
    });
    for (const [name, request] of [
      ['POST /api/v1/templates', given('1.0')],
      ['POST /api/v1/templates/{template}/versions', { path: { template: composed }, ...given('2.0') }],
    ] as const) {
      await expectTrial(name, request);
      const headers = { 'idempotency-key': randomUUID() };
      const answer = await judged(name, request, { headers });
      expect([answer.status, answer.body['template']]).toEqual([201, composed]);
      await expectRepetition(name, request, headers, answer);
    }
    const path = { template: composed, version: '2.0', other: '1.0' };
    for (const route of ['', '/diff/{other}'])
      expect((await judged(`GET /api/v1/templates/{template}/versions/{version}${route}`, { path })).status).toBe(200);
  });

  async function expectTrial(name: string, given: Request): Promise<void> {
    const before = await endOfLog();
    const tried = await judged(name, given, { query: 'dryRun=true' });
    expect([tried.status, tried.headers.get('waybill-dry-run')], `${name} ${JSON.stringify(tried.body)}`).toEqual([
      200,
      'true',
    ]);
    for (const header of ['waybill-position', 'etag', 'location']) expect(tried.headers.get(header), name).toBeNull();
    expect(tried.body, name).toBeDefined();
    expect(await endOfLog(), `${name} wrote in a dry run`).toBe(before + 1);
  }

  async function expectRepetition(
    name: string,
    given: Request,
    headers: Readonly<Record<string, string>>,
    first: Answer<Record<string, unknown>>,
  ): Promise<void> {
    const again = await judged(name, given, { headers });
    const { token: _shownOnce, ...body } = first.body ?? {};
    expect([again.status, again.headers.get('waybill-repeated')], name).toEqual([first.status, 'true']);
    expect(again.body ?? {}, name).toEqual(body);
  }

  it('refuses strangers with 401, and who has none of its roles with 403', async () => {
    for (const [name, request] of Object.entries(operations).filter(([one]) => !isOpen(one))) {
      const given = request();
      const stranger = await judged(name, given, { token: null });
      expect.soft([name, stranger.status]).toEqual([name, 401]);
      const needed = described(name)['x-roles'] ?? ['publisher', 'operator'];
      if (typeof needed === 'string') continue;
      const other = ['auditor', 'approver', 'operator', 'publisher'].find((role) => !needed.includes(role));
      const denied = await judged(name, given, { token: tokens.get(other ?? '') ?? '' });
      expect.soft([name, other, denied.status]).toEqual([name, other, 403]);
    }
  });

  it('refuses ids of nothing, bodies that are none, and query values nobody knows', async () => {
    for (const [name, request] of Object.entries(operations).filter(([one]) => !isOpen(one))) {
      const given = request();
      if (given.path !== undefined) {
        const path = Object.fromEntries(Object.keys(given.path).map((one) => [one, NOBODY]));
        const { status } = await judged(name, { ...given, path });
        expect.soft([name, status]).toEqual([name, notFound(name)]);
      }
      if (isUpload(name)) continue;
      if (described(name).requestBody !== undefined)
        for (const body of [{ ...(given.body as object), nobody: 1 }, [], 'text', { ['x'.repeat(70)]: null }])
          expect.soft([name, (await judged(name, { ...given, body })).status]).toEqual([name, 400]);
      expect.soft([name, (await judged(name, given, { query: 'nobody=1' })).status]).toEqual([name, 400]);
    }
  });

  it('has an answer for whatever stands in its path, its query and its headers', async () => {
    const odd = sampled(['', '0', '-1', '1e9', 'null', 'true', '%', '../x', '"', '数', '\u0000', 'x'.repeat(600)]);
    for (const [name, request] of Object.entries(operations).filter(([one]) => !isUpload(one)))
      for (const parameter of described(name).parameters ?? [])
        for (const value of odd()) await tryValue(name, request(), parameter, value);
  });

  async function tryValue(
    name: string,
    given: Request,
    parameter: { readonly in: string; readonly name: string },
    value: string,
  ): Promise<void> {
    const query = takes(name, 'dryRun') ? 'dryRun=true' : '';
    switch (parameter.in) {
      case 'query':
        if (parameter.name !== 'dryRun')
          await judged(name, given, { query: `${parameter.name}=${encodeURIComponent(value)}&${query}` });
        break;
      case 'path':
        if (value !== '') await judged(name, { ...given, path: { ...given.path, [parameter.name]: value } }, { query });
        break;
      default:
        // What no client can send is not tried.
        if (/^[\x21-\x7e]*$/.test(value)) await judged(name, given, { query, headers: { [parameter.name]: value } });
    }
  }

  it('has an answer for whatever stands in its body', async () => {
    const wrong = sampled<unknown>([null, 0, 1.5, '', 'x', [], [null], {}, { a: { b: [1] } }, true, '\ud800']);
    for (const [name, request] of Object.entries(operations)) {
      const body = request().body;
      if (typeof body !== 'object' || /\/(templates|versions)$/.test(name)) continue;
      for (const member of Object.keys(body ?? {}))
        for (const value of wrong())
          await judged(
            name,
            { ...request(), body: { ...body, [member]: value } },
            { query: takes(name, 'dryRun') ? 'dryRun=true' : '' },
          );
    }
  });
});
