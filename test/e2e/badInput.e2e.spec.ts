import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  buildImage,
  buildImageArchive,
  buildRamPackage,
  ramMetadata,
  tarFile,
  type BuiltImage,
  type TarFileEntry,
} from '@waybill/packaging/testing';
import { sha256 } from '@waybill/kernel';
import { call } from '../support/call.js';
import { cleanInstances, containersOf, execIn, tracesOf } from '../support/engine.js';
import { removeImages } from '../support/engineImages.js';
import { shellImage } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type InstanceAnswer, type PlanAnswer } from '../support/site.js';
import { waitFor } from '../support/waitFor.js';

let server: TestServer;
let folder: string;
const here = site(() => server);
const key = `bad${randomBytes(4).toString('hex')}`;
const other = `${key}-foreign`;
const shop = `${key}-shop`;
const instances: string[] = [];
const images: BuiltImage[] = [];

const serving = 'mkdir -p /www; echo well > /www/index.html; exec httpd -f -p 80 -h /www';
/** Serves only once somebody says so. */
const held = `until [ -e /go ]; do sleep 1; done; ${serving}`;
const component = (reference: string) => ({
  key: 'web',
  image: reference,
  env: { LEVEL: 'info' },
  more: {
    port_map_list: [
      { container_port: 80, protocol: 'http', port_alias: 'WEB', is_inner_service: true, is_outer_service: true },
    ],
    service_env_map_list: [
      { attr_name: 'LEVEL', attr_value: 'info', name: '', is_change: true, container_port: 0 },
      { attr_name: 'FIXED', attr_value: 'so', name: '', is_change: false, container_port: 0 },
    ],
    service_volume_map_list: [
      {
        volume_name: 'conf',
        volume_path: '/etc/shop.conf',
        volume_type: 'config-file',
        file_content: 'a=1\n',
        mode: 420,
      },
    ],
    probes: [
      {
        mode: 'readiness',
        scheme: 'http',
        port: 80,
        path: '/',
        cmd: '',
        http_header: '',
        initial_delay_second: 0,
        period_second: 1,
        timeout_second: 1,
        failure_threshold: 60,
        success_threshold: 1,
        is_used: true,
      },
    ],
  },
});

async function written(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

async function version(number: string, line: string): Promise<string> {
  const reference = `test/${key}:${number}`;
  const image = await shellImage(reference, line);
  images.push(image);
  const metadata = ramMetadata({ key, name: key, version: number, components: [component(reference)] });
  return written(`${key}-${number}-ram.tar.gz`, await buildRamPackage({ metadata, images: [image] }));
}

beforeAll(async () => {
  folder = await freshFolder();
  server = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  for (const [number, line] of [
    ['1.0', serving],
    ['1.1', serving],
    ['1.2', held],
  ] as const)
    expect(await here.import(await version(number, line))).toMatchObject({ state: 'succeeded' });
  // A machine that no test runs on.
  const foreign = buildImage({ references: ['test/s390x:1'], architecture: 's390x', layers: [{ 'etc/a': key }] });
  const metadata = ramMetadata({ key: other, name: other, components: [{ key: 'web', image: 'test/s390x:1' }] });
  const file = await written(`${other}.tar.gz`, await buildRamPackage({ metadata, images: [foreign] }));
  expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
  expect(await here.install(shop, { template: key, version: '1.1' })).toMatchObject({ state: 'succeeded' });
  instances.push((await here.instance(shop)).id);
});
afterAll(async () => {
  await cleanServers();
  await cleanInstances(instances);
  await removeImages(images);
});

const staged = () => readdir(join(server.data, 'content', 'staging'));

/** All that is kept of packages: files of the content store, staged ones too, uploads, and what the catalog has. */
async function kept(): Promise<unknown> {
  const files = await Promise.all(
    ['content', 'uploads'].map((name) => readdir(join(server.data, name), { recursive: true, withFileTypes: true })),
  );
  const { items } = await here.ask<{ items: readonly { key: string }[] }>('GET', '/templates?limit=200');
  return {
    files: files
      .flat()
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort(),
    staged: await staged(),
    templates: items,
    versions: await Promise.all(items.map((one) => here.ask('GET', `/templates/${one.key}/versions`))),
  };
}

/** Instances as the log has them, and what the engine has of them. */
async function delivered(): Promise<unknown> {
  const { items } = await here.ask<{ items: readonly InstanceAnswer[] }>('GET', '/instances?removed=true&limit=200');
  return Promise.all(
    items.map(async ({ id }) => ({
      instance: await here.instance(id),
      history: await here.history(id),
      traces: await tracesOf(id),
    })),
  );
}

let before: { readonly kept: unknown; readonly delivered: unknown };
const leavesNothing = () => {
  beforeEach(async () => {
    await expect.poll(staged, { timeout: 20_000 }).toEqual([]);
    before = { kept: await kept(), delivered: await delivered() };
  });
  afterEach(async () => {
    // What an import had staged goes right after its end was written.
    await expect.poll(kept, { timeout: 20_000 }).toEqual(before.kept);
    expect(await delivered()).toEqual(before.delivered);
    expect((await call(server, 'GET', '/api/v1/health/ready', { token: null })).body).toMatchObject({
      status: 'ready',
    });
  });
};

const db = buildImage({ references: ['demo/db:1'], layers: [{ 'etc/base': 'base' }, { 'db/data': key }] });
const metadata = ramMetadata({ key: `${key}-new`, components: [{ key: 'db', image: 'demo/db:1' }] });
const sound = { metadata, images: [db] } as const;
type Entries = readonly TarFileEntry[];
const adding = (more: TarFileEntry) => (entries: Entries) => [...entries, more];
const changing = (pattern: RegExp, change: (entry: TarFileEntry) => TarFileEntry | undefined) => (entries: Entries) =>
  entries.flatMap((entry) => (pattern.test(entry.name) ? (change(entry) ?? []) : [entry]));
const inPackage = (mutate: (entries: Entries) => Entries) => buildRamPackage({ ...sound, mutate });
const inImages = (mutateImages: (entries: Entries) => Entries) => buildRamPackage({ ...sound, mutateImages });

type Lie = readonly [title: string, code: string, build: () => Promise<Uint8Array> | Uint8Array];
const lies: readonly Lie[] = [
  ['an empty file', 'package-empty', () => Buffer.alloc(0)],
  ['a package cut short', 'package-truncated', async () => (await buildRamPackage(sound)).subarray(0, -20)],
  ['a package with flipped bits', 'package-damaged', async () => flipped(await buildRamPackage(sound))],
  ['what is not gzip', 'package-not-gzip', () => Buffer.from('Hello, is this a package?')],
  ['the beginning of a zip', 'package-truncated', () => Buffer.from('PK\x03\x04 not a package')],
  ['no metadata', 'package-no-metadata', () => inPackage(changing(/metadata/, () => undefined))],
  [
    'metadata that is no JSON',
    'package-metadata-invalid',
    () => buildRamPackage({ ...sound, metadata: Buffer.from('{"group_key":') }),
  ],
  [
    'metadata without components',
    'package-metadata-invalid',
    () => buildRamPackage({ ...sound, metadata: { group_key: 'a', group_version: '1.0' } }),
  ],
  ['an image that is not there', 'package-image-missing', () => buildRamPackage({ metadata, images: [] })],
  [
    'a layer that does not match',
    'package-layer-mismatch',
    () => inImages(changing(/layer\.tar$/, (entry) => ({ ...entry, content: tarFile([{ name: 'evil' }]) }))),
  ],
  ['a layer that is not there', 'package-layer-missing', () => inImages(changing(/layer\.tar$/, () => undefined))],
  [
    'a configuration that does not match its name',
    'package-config-mismatch',
    () =>
      inImages(
        changing(/^[0-9a-f]{64}\.json$/, (entry) => ({
          ...entry,
          content: `${String(Buffer.from(entry.content ?? ''))} `,
        })),
      ),
  ],
  ['a path that leads upwards', 'package-entry-refused', () => inPackage(adding({ name: 'a/../../etc/cron.d/x' }))],
  ['an absolute path', 'package-entry-refused', () => inPackage(adding({ name: '/etc/cron.d/x' }))],
  ['a path that leads upwards among the images', 'package-entry-refused', () => inImages(adding({ name: '../x' }))],
  [
    'a symbolic link that escapes',
    'package-link-escapes',
    () => inImages(changing(/layer\.tar$/, ({ name }) => ({ name, type: '2', link: '../../../../etc/shadow' }))),
  ],
  [
    'a hard link that escapes',
    'package-link-escapes',
    () => inImages(adding({ name: 'a/b', type: '1', link: '../../etc/shadow' })),
  ],
  [
    'an entry twice',
    'package-duplicate-entry',
    () => inImages((entries) => [...entries, { name: 'manifest.json', content: '[]' }]),
  ],
  ['two metadata.json', 'package-duplicate-entry', () => inPackage((entries) => [...entries, ...entries.slice(1, 2)])],
  [
    'a gzip bomb',
    'package-limit-exceeded',
    () => inPackage(adding({ name: 'package-1.0-ram/zeros', content: Buffer.alloc(64 * 1024 ** 2) })),
  ],
  ['gzip that holds no archive', 'package-not-a-template', () => gzipSync('hello')],
  [
    'a docker-compose package',
    'package-not-a-template',
    () => gzipSync(tarFile([{ name: 'a/docker-compose.yaml', content: 'services: {}' }, { name: 'a/run.sh' }])),
  ],
  ['a bare docker archive', 'package-not-gzip', () => buildImageArchive({ images: [db] })],
  ['a gzip’ed docker archive', 'package-not-a-template', () => gzipSync(buildImageArchive({ images: [db] }))],
];

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = copy.length - 8;
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

describe('a package that is not what it should be', () => {
  leavesNothing();

  it.each(lies)('%s is refused: %s', async (_, code, build) => {
    const path = await written('lie.tar.gz', await build());
    const { id, operation } = await here.beginImport(path);
    const ended = await here.ended(operation);
    expect(ended).toMatchObject({ state: 'failed', detail: 'refused', failure: { code } });
    expect(ended.failure?.message).not.toMatch(/undefined|\{|\p{Cc}/u);
    expect(await here.ask('GET', `/imports/${id}`)).toMatchObject({ state: 'refused', failure: { code } });
    expect(await here.refusal('POST', `/imports/${id}/confirm`, {})).toBe('import-not-confirmable');
  });
});

describe('a package whose version is no version', () => {
  leavesNothing();
  const nameless = () => buildRamPackage({ ...sound, metadata: { ...metadata, group_version: 'the good one' } });

  it('is shown, and taken only under a number that a person names', async () => {
    const path = await written('nameless.tar.gz', await nameless());
    const begun = await here.ask<{ id: string; operation: string }>('POST', '/imports', { path });
    expect(await here.ended(begun.operation)).toMatchObject({ state: 'waiting' });
    expect(await here.ask('GET', `/imports/${begun.id}`)).toMatchObject({
      assessment: { verdict: { kind: 'version-invalid' } },
    });
    expect(await here.refusal('POST', `/imports/${begun.id}/confirm`, {})).toBe('invalid-version');
    expect(await here.refusal('POST', `/imports/${begun.id}/confirm`, { version: 'best' })).toBe('invalid-version');
    expect(await here.ask('POST', `/imports/${begun.id}/confirm?dryRun=true`, { version: '7.0' })).toBeDefined();
    await here.ask('DELETE', `/imports/${begun.id}`);
  });

  it('is not taken in advance', async () => {
    const { operation } = await here.beginImport(await written('nameless.tar.gz', await nameless()));
    expect(await here.ended(operation)).toMatchObject({ state: 'failed', failure: { code: 'invalid-version' } });
  });

  it('is not published', async () => {
    const archive = await written('images.tar', buildImageArchive({ images: [db] }));
    const body = { metadata: { ...metadata, group_version: 'the good one' }, images: [{ path: archive }] };
    const refused = await call(server, 'POST', '/api/v1/templates', { body });
    expect([refused.status, refused.body['code']]).toEqual([422, 'invalid-version']);
  });
});

describe('a package whose version is no version, under a number that a person names', () => {
  it('is in the catalog under that number, and says what it was called', async () => {
    const template = `${key}-named`;
    const called = { ...metadata, group_key: template, group_version: 'the good one' };
    const path = await written('named.tar.gz', await buildRamPackage({ ...sound, metadata: called }));
    const begun = await here.ask<{ id: string; operation: string }>('POST', '/imports', { path });
    await here.ended(begun.operation);
    await here.ask('POST', `/imports/${begun.id}/confirm`, { version: '7.0' });
    expect(await here.ended(begun.operation)).toMatchObject({
      state: 'succeeded',
      result: { template, version: '7.0', outcome: 'imported' },
    });
    expect(await here.ask('GET', `/templates/${template}/versions/7.0`)).toMatchObject({
      version: '7.0',
      origin: { kind: 'imported', sourceVersion: 'the good one' },
    });
  });
});

describe('a version that exists with other content', () => {
  leavesNothing();
  const changed = () =>
    ramMetadata({ key, name: key, version: '1.0', components: [{ key: 'web', image: 'demo/db:1' }] });

  it('is shown to differ, and not taken', async () => {
    const path = await written('changed.tar.gz', await buildRamPackage({ metadata: changed(), images: [db] }));
    const begun = await here.ask<{ id: string; operation: string }>('POST', '/imports', { path });
    await here.ended(begun.operation);
    const shown = await here.ask<{ assessment: { verdict: Record<string, string> } }>('GET', `/imports/${begun.id}`);
    expect(shown.assessment.verdict).toEqual({
      kind: 'content-differs',
      present: expect.stringMatching(/^sha256:/) as string,
      offered: expect.stringMatching(/^sha256:/) as string,
    });
    const refused = await call(server, 'POST', `/api/v1/imports/${begun.id}/confirm`, { body: {} });
    expect([refused.status, refused.body['code']]).toEqual([409, 'version-content-differs']);
    expect(await here.refusal('POST', `/imports/${begun.id}/confirm`, { version: '1.0.0' })).toBe(
      'version-spelling-clash',
    );
    await here.ask('DELETE', `/imports/${begun.id}`);
    const { operation } = await here.beginImport(path);
    expect(await here.ended(operation)).toMatchObject({
      state: 'failed',
      failure: { code: 'version-content-differs' },
    });
  });

  it('is not published', async () => {
    const archive = await written('images.tar', buildImageArchive({ images: [db] }));
    const body = { metadata: changed(), images: [{ path: archive }] };
    const refused = await call(server, 'POST', `/api/v1/templates/${key}/versions`, { body });
    expect([refused.status, refused.body['code']]).toEqual([409, 'version-content-differs']);
  });
});

describe('a publication that is not what it should be', () => {
  leavesNothing();

  const publication = async () => ({
    metadata,
    images: [{ path: await written('images.tar', buildImageArchive({ images: [db] })) }],
  });

  it.each<readonly [string, string, () => Promise<unknown>]>([
    [
      'images that are none',
      'package-not-a-template',
      async () => ({ metadata, images: [{ path: await written('x.tar', Buffer.from('hello'.repeat(300))) }] }),
    ],
    ['no images', 'images-not-found', () => Promise.resolve({ metadata, images: [] })],
    [
      'another version than asked',
      'version-number-differs',
      async () => ({ ...(await publication()), version: '9.9' }),
    ],
    ['metadata of nothing', 'package-metadata-invalid', () => Promise.resolve({ metadata: {} })],
    [
      'a file elsewhere',
      'package-path-refused',
      () => Promise.resolve({ metadata, images: [{ path: '/etc/shadow' }] }),
    ],
  ])('with %s is refused: %s', async (_, code, body) => {
    expect(await here.refusal('POST', '/templates', await body())).toBe(code);
  });
});

describe('a file that the server may not read', () => {
  leavesNothing();

  it.each<readonly [string, string, () => Promise<string>]>([
    ['outside of the folders', 'package-path-refused', () => Promise.resolve('/etc/passwd')],
    ['reached upwards', 'package-path-refused', () => Promise.resolve(join(folder, '..', 'passwd'))],
    ['named upwards', 'package-path-refused', () => Promise.resolve(`${folder}/x/../../../etc/passwd`)],
    ['of the server itself', 'package-path-refused', () => Promise.resolve(join(server.data, 'secret-key'))],
    [
      'behind a symbolic link',
      'package-path-refused',
      async () => {
        await symlink('/etc/passwd', join(folder, 'link.tar.gz'));
        return join(folder, 'link.tar.gz');
      },
    ],
    [
      'behind a linked folder',
      'package-path-refused',
      async () => {
        await symlink('/etc', join(folder, 'etc'));
        return join(folder, 'etc', 'passwd');
      },
    ],
    ['that is not there', 'package-not-found', () => Promise.resolve(join(folder, 'gone.tar.gz'))],
    [
      'that is a folder',
      'package-not-found',
      async () => {
        await mkdir(join(folder, 'folder.tar.gz'));
        return join(folder, 'folder.tar.gz');
      },
    ],
    [
      'that is a pipe',
      'package-not-found',
      async () => {
        await promisify(execFile)('mkfifo', [join(folder, 'pipe.tar.gz')]);
        return join(folder, 'pipe.tar.gz');
      },
    ],
    ['with a name that no file has', 'package-not-found', () => Promise.resolve(join(folder, 'a'.repeat(300)))],
    ['with NUL in its name', 'package-not-found', () => Promise.resolve(`${folder}/a\0b`)],
  ])('%s is refused: %s', async (_, code, path) => {
    expect(await here.refusal('POST', '/imports', { path: await path(), confirm: true })).toBe(code);
  });
});

const nobody = '00000000-0000-4000-8000-000000000000';
const nothing = `sha256:${'0'.repeat(64)}`;
const setting = (item: string, value: unknown, more: object = {}) =>
  ['PATCH', `/instances/${shop}/settings`, { settings: [{ item, value, ...more }] }] as const;
const created = (body: object) => ['POST', '/instances', { name: `${key}-x`, template: key, ...body }] as const;
const planned = (body: object) => ['POST', `/instances/${shop}/plans`, body] as const;

type Asked = readonly [method: string, path: string, body?: unknown];
type Row = readonly [title: string, code: string, asked: Asked];
const rows: readonly Row[] = [
  ['a template that is not there', 'template-not-found', ['GET', '/templates/nothing']],
  ['a template name that is none', 'template-not-found', ['GET', '/templates/%2e%2e%2fx']],
  ['a version that is not there', 'version-not-found', ['GET', `/templates/${key}/versions/9.9`]],
  ['a version that is none', 'version-not-found', ['GET', `/templates/${key}/versions/newest`]],
  ['a difference to nothing', 'version-not-found', ['GET', `/templates/${key}/versions/1.0/diff/9.9`]],
  ['an instance that is not there', 'instance-not-found', ['GET', '/instances/nothing']],
  ['an instance id that is not there', 'instance-not-found', ['GET', `/instances/${nobody}`]],
  ['settings of nothing', 'instance-not-found', ['PATCH', '/instances/nothing/settings', { settings: [] }]],
  ['a record that is not there', 'record-not-found', ['GET', `/records/${nobody}`]],
  ['a record that is none', 'record-not-found', ['GET', '/records/first']],
  ['undoing a record that is not there', 'record-not-found', ['POST', `/records/${nobody}/rollback-plan`, {}]],
  ['a plan that is not there', 'plan-not-found', ['GET', `/plans/${nothing}`]],
  ['a plan that is none', 'invalid-digest', ['GET', '/plans/mine']],
  ['submitting nothing', 'plan-not-found', ['POST', `/instances/${shop}/records`, { plan: nothing }]],
  ['submitting what is none', 'invalid-request', ['POST', `/instances/${shop}/records`, { plan: 'mine' }]],
  ['an import that is not there', 'import-not-found', ['GET', `/imports/${nobody}`]],
  ['an import that is none', 'import-not-found', ['POST', '/imports/first/confirm', {}]],
  ['an operation that is not there', 'operation-not-found', ['GET', '/operations/first']],
  ['an upload that is not there', 'upload-not-found', ['POST', '/imports', { upload: nobody }]],
  ['a token that is not there', 'token-not-found', ['DELETE', `/tokens/${nobody}`]],
  ['an address with nothing at it', 'route-not-found', ['GET', '/nothing']],

  ['a name with a blank', 'invalid-name', created({ name: 'my shop' })],
  ['a name with a slash', 'invalid-name', created({ name: '../shop' })],
  ['a name in other letters', 'invalid-name', created({ name: '商店' })],
  ['a name that begins with a dash', 'invalid-name', created({ name: '-shop' })],
  ['a name that is too long', 'invalid-request', created({ name: 'x'.repeat(41) })],
  ['no name', 'invalid-request', created({ name: '' })],
  ['a name that is taken', 'instance-name-taken', created({ name: shop })],
  ['a name that is taken, in capitals', 'instance-name-taken', created({ name: shop.toUpperCase() })],
  ['an instance of nothing', 'template-not-found', created({ template: 'nothing' })],
  ['an instance of no version', 'version-not-found', created({ version: '9.9' })],
  ['an instance with a member nobody knows', 'invalid-request', created({ replicas: 3 })],
  [
    'an instance with a setting of nothing',
    'component-not-found',
    created({ settings: [{ item: 'db/env/A', value: 'b' }] }),
  ],
  [
    'an instance with a setting that cannot be set',
    'setting-not-allowed',
    created({ settings: [{ item: 'web/image', value: 'b' }] }),
  ],

  ['a setting of nothing', 'component-not-found', setting('db/env/LEVEL', 'debug')],
  ['a setting that is none', 'setting-not-allowed', setting('LEVEL', 'debug')],
  ['a setting that is the template’s', 'setting-not-allowed', setting('web/image', 'mine')],
  ['a value that the template fixes', 'setting-not-allowed', setting('web/env/FIXED', 'else')],
  ['a variable that none can be called', 'setting-not-allowed', setting('web/env/A=B', 'x')],
  ['a value with NUL', 'setting-not-allowed', setting('web/env/LEVEL', 'a\0b')],
  ['a secret that is no variable', 'setting-not-allowed', setting('web/replicas', '2', { secret: true })],
  ['replicas that are no number', 'setting-not-allowed', setting('web/replicas', 'many')],
  ['too many replicas', 'setting-not-allowed', setting('web/replicas', '1000')],
  ['a negative amount of memory', 'setting-not-allowed', setting('web/memory', '-1')],
  ['a port that there is not', 'setting-not-allowed', setting('web/publish/81', '8080')],
  ['a port beyond the last', 'setting-not-allowed', setting('web/publish/80', '65536')],
  ['a file that there is not', 'setting-not-allowed', setting('web/file//etc/none', 'x')],
  ['a value that is no text', 'invalid-request', setting('web/env/LEVEL', 7)],
  ['settings that are no list', 'invalid-request', ['PATCH', `/instances/${shop}/settings`, { settings: 'x' }]],

  ['an upgrade downwards', 'upgrade-not-upward', planned({ kind: 'upgrade', version: '1.0' })],
  ['an upgrade to what runs', 'upgrade-not-upward', planned({ kind: 'upgrade', version: '1.1' })],
  ['an upgrade to nothing', 'version-not-found', planned({ kind: 'upgrade', version: '9.9' })],
  ['an upgrade to what is no version', 'version-not-found', planned({ kind: 'upgrade', version: 'newest' })],
  ['a second install', 'instance-already-installed', planned({ kind: 'install' })],
  ['a rollback of nothing', 'record-not-rollbackable', planned({ kind: 'rollback' })],
  ['a rollback of a record that is not there', 'record-not-found', planned({ kind: 'rollback', record: nobody })],
  ['an item that is not there', 'item-not-found', planned({ kind: 'upgrade', accept: ['web/env/NOTHING'] })],
  ['an item of nothing', 'component-not-found', planned({ kind: 'upgrade', accept: ['db/env/LEVEL'] })],
  ['a plan of no kind', 'invalid-request', planned({ kind: 'destroy' })],
  ['a plan for nobody', 'instance-not-found', ['POST', '/instances/nothing/plans', { kind: 'install' }]],

  ['a time that is none', 'time-invalid', ['GET', `/instances/${shop}/state?at=yesterday`]],
  [
    'a time before there was anything',
    'state-before-creation',
    ['GET', `/instances/${shop}/state?at=2001-01-01T00:00:00Z`],
  ],
  ['a cursor that nobody gave out', 'cursor-invalid', ['GET', '/templates?cursor=x']],
];

describe('a request that cannot be met', () => {
  leavesNothing();

  it.each(rows)('%s is answered: %s', async (_, code, [method, path, body]) => {
    const {
      status,
      headers,
      body: problem,
    } = await call(server, method, `/api/v1${path}`, body === undefined ? {} : { body });
    expect([problem['code'], status >= 400 && status < 500, headers.get('content-type')]).toEqual([
      code,
      true,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(String(problem['detail'])).not.toMatch(/undefined|\[object|\{[a-z]\w*\}/i);
  });

  it('a plan that is another document is answered: plan-not-found', async () => {
    const { manifest, desired } = await here.ask<{ manifest: string; desired: string }>('GET', `/instances/${shop}`);
    for (const document of [manifest, desired]) {
      expect(await here.refusal('GET', `/plans/${document}`)).toBe('plan-not-found');
      expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: document })).toBe('plan-not-found');
    }
  });

  it('a body that is no JSON is answered: invalid-request', async () => {
    const send = async (body: string, type: string) => {
      const response = await fetch(`${server.url}/api/v1/instances`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': type },
        body,
      });
      return ((await response.json()) as { code: string }).code;
    };
    expect(await send('{"name":', 'application/json')).toBe('invalid-request');
    expect(await send('[]', 'application/json')).toBe('invalid-request');
    expect(await send('name: x', 'application/yaml')).toBe('unsupported-media-type');
    expect(await send(`"${'x'.repeat(17 * 1024 ** 2)}"`, 'application/json')).toBe('body-too-large');
  });

  it('an undoing of the install is answered: record-not-rollbackable', async () => {
    const [install] = await here.history(shop);
    expect(await here.refusal('POST', `/records/${install?.id ?? ''}/rollback-plan`, {})).toBe(
      'record-not-rollbackable',
    );
  });

  it('a plan with nothing to do is answered: plan-empty', async () => {
    const { digest } = await here.plan(shop, { kind: 'reconfigure' });
    expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: digest })).toBe('plan-empty');
  });

  it('a fresh data folder and a busy one are told apart: the second server on one log does not start', async () => {
    await expect(startServer({ data: server.data })).rejects.toThrow(/in use by another process/);
  });
});

describe('an instance that cannot be installed here', () => {
  it('for its architecture is refused before anything is touched: architecture-mismatch', async () => {
    const name = `${key}-arch`;
    const { id } = await here.ask<{ id: string }>('POST', '/instances', { name, template: other });
    instances.push(id);
    const refused = await call(server, 'POST', `/api/v1/instances/${name}/plans`, { body: { kind: 'install' } });
    expect([refused.status, refused.body['code']]).toEqual([409, 'architecture-mismatch']);
    expect(refused.body['detail']).toContain('linux/s390x');
    expect([await tracesOf(id), await here.history(name)]).toEqual([[], []]);
  });

  it('for a port of another instance is refused before there is an instance: port-taken', async () => {
    const taken = (await here.instance(shop)).components[0]?.ports[0]?.hostPort;
    const name = `${key}-port`;
    const refused = await call(server, 'POST', '/api/v1/instances', {
      body: {
        name,
        template: key,
        version: '1.0',
        settings: [{ item: 'web/publish/80', value: String(taken) }],
      },
    });
    expect([refused.status, refused.body['code']]).toEqual([409, 'port-taken']);
    expect(refused.body['detail']).toContain(String(taken));
    expect(await here.refusal('GET', `/instances/${name}`)).toBe('instance-not-found');
  });

  it('for a port of another program is refused, by the setting and by the plan: port-taken, until that has ended', async () => {
    const program = createServer().listen(0, '0.0.0.0');
    await once(program, 'listening');
    const { port } = program.address() as AddressInfo;
    const name = `${key}-busy`;
    const wanted = {
      name,
      template: key,
      version: '1.0',
      settings: [{ item: 'web/publish/80', value: String(port) }],
    };
    const asked = { kind: 'install', version: '1.0' };
    const closed = () => once(program.close(), 'close');
    expect(await here.refusal('POST', '/instances', wanted)).toBe('port-taken');
    await closed();
    const { id } = await here.ask<{ id: string }>('POST', '/instances', wanted);
    instances.push(id);
    await once(program.listen(port, '0.0.0.0'), 'listening');
    expect(await here.refusal('POST', `/instances/${name}/plans`, asked)).toBe('port-taken');
    expect([await tracesOf(id), await here.history(name)]).toEqual([[], []]);
    await closed();
    expect((await here.plan(name, asked)).steps.map(({ action }) => action)).toEqual(['create']);
  });
});

describe('a plan at the wrong time', () => {
  const web = async () => (await containersOf((await here.instance(shop)).id)).map(({ Id }) => Id).sort();

  it('for another instance is refused, and reserves nothing for either: plan-stale', async () => {
    const name = `${key}-else`;
    const { id } = await here.ask<{ id: string }>('POST', '/instances', { name, template: key, version: '1.0' });
    instances.push(id);
    const { digest, ports } = await here.ask<PlanAnswer & { ports: readonly { hostPort: number }[] }>(
      'POST',
      `/instances/${name}/plans`,
      { kind: 'install', version: '1.0' },
    );
    expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: digest })).toBe('plan-stale');
    const third = await here.ask<{ id: string }>('POST', '/instances', {
      name: `${key}-third`,
      template: key,
      version: '1.0',
      settings: [{ item: 'web/publish/80', value: String(ports[0]?.hostPort) }],
    });
    instances.push(third.id);
    expect((await here.plan(third.id, { kind: 'install', version: '1.0' })).steps).toHaveLength(1);
  });

  it('written by somebody else, and stored as a configuration file, is refused: plan-not-found', async () => {
    const name = `${key}-forged`;
    const { id } = await here.ask<{ id: string }>('POST', '/instances', { name, template: key, version: '1.0' });
    instances.push(id);
    const { digest, ...plan } = await here.plan(shop, { kind: 'upgrade', version: '1.2' });
    const { contents: _contents, seal, ...rest } = plan as unknown as Readonly<Record<string, unknown>>;
    const [history, containers] = [await here.history(shop), await web()];
    for (const lie of [
      { ...rest, items: [] },
      { ...rest, items: [], seal },
      { ...rest, seal, digest },
    ]) {
      const text = JSON.stringify(lie);
      const value = [{ item: 'web/file//etc/shop.conf', value: text }];
      await here.ask('PATCH', `/instances/${name}/settings`, { settings: value });
      expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: sha256(text) })).toBe('plan-not-found');
    }
    expect([await here.history(shop), await web()]).toEqual([history, containers]);
  });

  it('made before a setting was changed is refused: plan-stale', async () => {
    const [before, containers] = [await here.plan(shop, { kind: 'upgrade', version: '1.2' }), await web()];
    await here.ask('PATCH', `/instances/${shop}/settings`, { settings: [{ item: 'web/env/LEVEL', value: 'debug' }] });
    const refused = await call(server, 'POST', `/api/v1/instances/${shop}/records`, { body: { plan: before.digest } });
    expect([refused.status, refused.body['code']]).toEqual([409, 'plan-stale']);
    expect([await web(), (await here.history(shop)).length]).toEqual([containers, 1]);
  });

  it('submitted while a record is open is refused: record-open; used again: plan-used', async () => {
    const upgrade = await here.plan(shop, { kind: 'upgrade', version: '1.2' });
    const removal = await here.plan(shop, { kind: 'remove' });
    const operation = await here.submit(shop, upgrade.digest);
    expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: removal.digest })).toBe('record-open');
    expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: upgrade.digest })).toBe('plan-used');
    expect(
      await here.refusal('PATCH', `/instances/${shop}/settings`, { settings: [{ item: 'web/env/LEVEL', value: 'x' }] }),
    ).toBe('record-open');
    const fresh = await waitFor('the new container', async () => {
      const found = await containersOf((await here.instance(shop)).id);
      return found.find((one) => one.State === 'running' && one.Command.includes('/go'));
    });
    await execIn(fresh.Id, 'touch /go');
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });

    const containers = await web();
    for (const { digest } of [upgrade, removal])
      expect(await here.refusal('POST', `/instances/${shop}/records`, { plan: digest })).toBe(
        digest === upgrade.digest ? 'plan-used' : 'plan-stale',
      );
    expect(await here.refusal('POST', `/instances/${shop}/plans`, { kind: 'upgrade' })).toBe('no-upgrade-available');
    expect([await web(), (await here.history(shop)).map(({ kind }) => kind)]).toEqual([
      containers,
      ['install', 'upgrade'],
    ]);
  });
});

describe('a server whose engine is gone', () => {
  it('keeps its catalog and history, plans nothing, and says why', async () => {
    const [history, templates] = [await here.history(shop), await here.ask('GET', '/templates')];
    expect(await server.stop()).toBe(0);
    const env = { WAYBILL_IMPORT_ROOTS: folder, DOCKER_HOST: `unix://${join(folder, 'gone.sock')}` };
    server = await startServer({ data: server.data, env });

    expect((await call(server, 'GET', '/api/v1/health/ready', { token: null })).body).toMatchObject({
      status: 'degraded',
      checks: [
        { ok: true },
        { ok: true },
        { name: 'engine', ok: false, reason: expect.stringContaining('gone.sock') as string },
      ],
    });
    expect([await here.history(shop), await here.ask('GET', '/templates')]).toEqual([history, templates]);
    const shown = await here.ask<Record<string, unknown>>('GET', `/instances/${shop}`);
    expect([shown['version'], shown['live'], shown['liveUnknown']]).toEqual([
      '1.2',
      undefined,
      expect.stringContaining('gone.sock'),
    ]);
    for (const kind of ['reconfigure', 'rollback', 'remove']) {
      const refused = await call(server, 'POST', `/api/v1/instances/${shop}/plans`, { body: { kind } });
      expect([refused.status, refused.body['code']]).toEqual([503, 'engine-unreachable']);
    }
    expect(await here.refusal('GET', `/instances/${shop}/drift`)).toBe('engine-unreachable');
    expect(await here.refusal('POST', '/instances', { name: `${key}-late`, template: key })).toBe('engine-unreachable');
    expect(await here.refusal('GET', `/instances/${key}-late`)).toBe('instance-not-found');

    const file = await written('sound.tar.gz', await buildRamPackage(sound));
    expect(await here.import(file)).toMatchObject({ state: 'succeeded' });
    expect(await here.ask('GET', `/templates/${key}-new`)).toMatchObject({ latest: '1.0' });
  });
});
