import { open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { buildImage, buildRamZip, ramMetadata } from '@waybill/packaging/testing';
import { call } from '../support/call.js';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Site } from '../support/site.js';
import { waybill } from '../support/waybill.js';

interface Exported {
  readonly id: string;
  readonly state: string;
  readonly file: { readonly name: string; readonly digest: string; readonly size: number; readonly signer?: object };
}

let folder: string;
let vendor: TestServer;
let here: Site;

beforeAll(async () => {
  folder = await freshFolder();
  for (const version of ['1.0', '2.0'] as const)
    await writeFile(join(folder, `${version}.tar.gz`), await readFile(fixture(version)));
  vendor = await startServer({ env: { WAYBILL_IMPORT_ROOTS: folder } });
  here = site(() => vendor);
  for (const version of ['1.0', '2.0'])
    expect(await here.import(join(folder, `${version}.tar.gz`))).toMatchObject({ state: 'succeeded' });
});
afterAll(cleanServers);

async function exported(body: object): Promise<Exported> {
  const begun = await here.ask<{ id: string; operation: string }>('POST', '/exports', {
    template: 'backend-system',
    ...body,
  });
  expect(await here.ended(begun.operation)).toMatchObject({ state: 'succeeded', kind: 'export' });
  return here.ask('GET', `/exports/${begun.id}`);
}

const download = async (id: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${vendor.url}/api/v1/exports/${id}/file`, {
    headers: { authorization: `Bearer ${vendor.adminToken}`, ...headers },
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};
const manifestOf = async (template: string) =>
  (await here.ask<{ manifestDigest: string }>('GET', `/templates/${template}/versions/1.0`)).manifestDigest;
const manifestDigest = async (on: Site, version: string) =>
  (await on.ask<{ manifestDigest: string }>('GET', `/templates/${backendSystem}/versions/${version}`)).manifestDigest;

describe('waybill export', () => {
  it('carries a package to the folder it is told, goes on where a download broke off, and says who signed it', async () => {
    const target = await freshFolder();
    const args = ['export', 'backend-system', '2.0', '--base', '1.0', '-o', target];
    const first = await waybill(vendor, [...args, '--json']);
    const { path, file } = JSON.parse(first.out) as Exported & { readonly path: string };
    expect([first.exit, path]).toEqual([0, join(target, 'backend-system-2.0-delta-1.0.waybill')]);
    const bytes = await readFile(path);
    expect(sha256(bytes)).toBe(file.digest);

    expect(await waybill(vendor, args)).toMatchObject({ exit: 0 });
    await rm(path);
    const part = `${path}.${file.digest.slice(-12)}.part`;
    await writeFile(part, bytes.subarray(0, 5000));
    const resumed = await waybill(vendor, args);
    expect(resumed.out).toContain(`Digest:    ${file.digest}\nSigned by: SHA256:`);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await rm(path);
    await writeFile(part, Buffer.alloc(5000));
    expect(await waybill(vendor, args)).toMatchObject({ exit: 3, err: expect.stringContaining(file.digest) as string });
    expect(await readdir(target)).toEqual([]);
    await writeFile(path, 'mine');
    expect(await waybill(vendor, args)).toMatchObject({ exit: 5 });
    expect(await readFile(path, 'utf8')).toBe('mine');
  });

  it('leaves out what the inventory of a site lists', async () => {
    const target = await freshFolder();
    const inventory = join(target, 'inventory.json');
    const taken = await waybill(vendor, ['inventory', '-o', inventory]);
    expect([taken.exit, taken.out]).toEqual([0, expect.stringMatching(/ lists \d+ layers\.\n$/)]);
    const args = ['export', backendSystem, '2.0', '-o', target, '--json'];
    const size = async (...more: readonly string[]) =>
      (JSON.parse((await waybill(vendor, [...args, ...more])).out) as Exported).file.size;
    expect(await size('--base', inventory)).toBeLessThan((await size()) / 2);
    await writeFile(inventory, (await readFile(inventory, 'utf8')).replace('"payload":"e', '"payload":"f'));
    expect((await waybill(vendor, [...args, '--base', inventory])).exit).toBe(3);
    const { out } = await waybill(vendor, ['exports', 'list', '--state', 'completed', '--json']);
    for (const { id } of (JSON.parse(out) as { items: readonly Exported[] }).items)
      expect(await waybill(vendor, ['exports', 'remove', id])).toMatchObject({ exit: 0 });
    expect((await waybill(vendor, ['exports', 'list', '--state', 'completed'])).out).toBe('There are none.\n');
  });
});

describe('a package that leaves out what its site lacks', () => {
  it('makes the site write down what it has, to which its publisher answers with the rest', async () => {
    const [disk, desk] = [await freshFolder(), await freshFolder()];
    const customer = await startServer({
      env: { WAYBILL_IMPORT_ROOTS: folder, WAYBILL_TRUST: join(vendor.data, 'publisher-roots.json') },
    });
    expect(await site(() => customer).import(join(folder, '1.0.tar.gz'))).toMatchObject({ state: 'succeeded' });
    const inventory = join(disk, 'inventory.json');
    await waybill(vendor, ['inventory', '-o', inventory]);
    const written = async (...more: readonly string[]) =>
      JSON.parse(
        (await waybill(vendor, ['export', backendSystem, '2.0', '-o', disk, '--json', ...more])).out,
      ) as Exported & { readonly path: string };
    const [whole, empty] = [await written(), await written('--base', inventory)];

    const refused = await waybill(customer, ['import', empty.path, '--confirm'], {}, desk);
    const request = join(desk, `${backendSystem}-2.0.request.json`);
    expect([refused.exit, refused.err]).toEqual([5, expect.stringContaining(`was written to ${request}`)]);
    const seen = await waybill({ url: 'http://127.0.0.1:9', data: '/nowhere' }, ['inspect', request]);
    expect([seen.exit, seen.out]).toEqual([
      0,
      expect.stringMatching(/It is: +a request of a site[^]*Version: +2\.0\n[^]*It has: +\d+ layers\n/),
    ]);
    expect(seen.out).toContain(`waybill export ${backendSystem} 2.0 --base ${backendSystem}-2.0.request.json\n`);
    const uploaded = await waybill(customer, ['import', request, '--confirm']);
    expect([uploaded.exit, uploaded.err]).toEqual([3, expect.stringContaining('--base')]);

    const rest = await written('--base', request);
    expect(rest.file.name).not.toBe(empty.file.name);
    expect(rest.file.size).toBeLessThan(whole.file.size);
    expect(await waybill(customer, ['import', rest.path, '--confirm'])).toMatchObject({ exit: 0 });
    expect(
      await manifestDigest(
        site(() => customer),
        '2.0',
      ),
    ).toBe(await manifestDigest(here, '2.0'));
    await customer.stop();
  });
});

describe('an exported package', () => {
  it.each(['1.0', '2.0'])('of either format is imported elsewhere as the same %s', async (version) => {
    const incoming = await freshFolder();
    for (const [format, named] of [
      ['ram', `backend-system-${version}-ram.tar.gz`],
      ['waybill', `backend-system-${version}.waybill`],
    ] as const) {
      const { id, file } = await exported({ version, format });
      const { response, bytes } = await download(id);
      expect(file.name).toBe(named);
      expect(response.headers.get('content-disposition')).toContain(`filename="${file.name}"`);
      expect([sha256(bytes), bytes.length]).toEqual([file.digest, file.size]);
      await writeFile(join(incoming, file.name), bytes);
      const trusted = join(vendor.data, 'publisher-roots.json');
      const customer = await startServer({ env: { WAYBILL_IMPORT_ROOTS: incoming, WAYBILL_TRUST: trusted } });
      const there = site(() => customer);
      expect(await there.import(join(incoming, file.name))).toMatchObject({ state: 'succeeded' });
      expect(await manifestDigest(there, version)).toBe(await manifestDigest(here, version));
      await customer.stop();
    }
  });

  it('of one from before 5.3, which lies in a zip, is one of today with the same manifest', async () => {
    const image = buildImage({ references: ['web:1'], layers: [{ 'web/index.html': 'hello' }] });
    const metadata = ramMetadata({
      key: 'older',
      name: '旧版',
      components: [{ key: 'web', image: 'hub.example/ns/web:1' }],
    });
    const target = await freshFolder();
    const zip = join(target, '旧版-1.0.zip');
    await writeFile(zip, buildRamZip({ metadata, images: { 网站: image }, folder: '旧版-1.0' }));
    const told = { exit: 0, out: expect.stringContaining('旧版') as string };
    expect(await waybill(vendor, ['inspect', zip])).toMatchObject(told);
    expect(await waybill(vendor, ['import', zip, '--confirm'])).toMatchObject({ exit: 0 });
    const { path } = JSON.parse(
      (await waybill(vendor, ['export', 'older', '1.0', '--format', 'ram', '-o', target, '--json'])).out,
    ) as { readonly path: string };
    const again = await waybill(vendor, ['import', path, '--confirm', '--json']);
    expect([again.exit, again.out]).toEqual([0, expect.stringContaining(await manifestOf('older'))]);
  });

  it('is given out in ranges, and not again to whoever has it', async () => {
    const { id, file } = await exported({ version: '1.0' });
    const { bytes } = await download(id);
    const etag = `"${file.digest}"`;
    const part = await download(id, { range: 'bytes=1000-1999', 'if-range': etag });
    expect([
      part.response.status,
      part.response.headers.get('content-range'),
      part.response.headers.get('etag'),
    ]).toEqual([206, `bytes 1000-1999/${String(file.size)}`, etag]);
    expect(part.bytes.equals(bytes.subarray(1000, 2000))).toBe(true);
    const rest = await download(id, { range: 'bytes=5000-' });
    expect(rest.bytes.equals(bytes.subarray(5000))).toBe(true);
    const another = await download(id, { range: 'bytes=1000-1999', 'if-range': '"sha256:other"' });
    expect([another.response.status, another.bytes.length]).toEqual([200, file.size]);
    expect((await download(id, { 'if-none-match': etag })).response.status).toBe(304);
    const behind = await download(id, { range: `bytes=${String(file.size)}-` });
    expect([behind.response.status, (JSON.parse(behind.bytes.toString()) as { code: string }).code]).toEqual([
      416,
      'range-not-satisfiable',
    ]);
    expect(behind.response.headers.get('content-disposition')).toBeNull();
    expect(await here.ask('DELETE', `/exports/${id}`)).toMatchObject({ state: 'removed' });
    expect(await here.refusal('GET', `/exports/${id}/file`)).toBe('export-not-ready');
  });

  it('is the same when the server was killed while it was written', async () => {
    const whole = await exported({ version: '2.0' });
    // Else it would not be written, but given another name.
    const { items } = await here.ask<{ items: readonly Exported[] }>('GET', '/exports?state=completed&limit=200');
    for (const { id } of items) await here.ask('DELETE', `/exports/${id}`);
    const file = join(await freshFolder(), 'passings');
    await vendor.stop();
    vendor = await startServer({ data: vendor.data, env: { WAYBILL_FAILPOINTS: file } });
    await writeFile(`${file}.kill`, 'rename an exported package before#1');
    const dying = vendor;
    const { id, operation } = await here.ask<{ id: string; operation: string }>('POST', '/exports', {
      template: backendSystem,
      version: '2.0',
    });
    await dying.exited;
    vendor = await startServer({ data: vendor.data, env: { WAYBILL_IMPORT_ROOTS: folder } });
    expect(await here.ended(operation)).toMatchObject({ state: 'succeeded' });
    expect((await here.ask<Exported>('GET', `/exports/${id}`)).file).toEqual(whole.file);
    expect(sha256((await download(id)).bytes)).toBe(whole.file.digest);
  });

  it('is signed with a key that stays the server’s over a restart, and is refused without it', async () => {
    const { file } = await exported({ version: '1.0' });
    await vendor.stop();
    vendor = await startServer({ data: vendor.data });
    expect((await exported({ version: '1.0' })).file).toEqual(file);
    const key = join(vendor.data, 'signing-key');
    const handle = await open(key);
    expect((await handle.stat()).mode & 0o777).toBe(0o600);
    await handle.close();
    await vendor.stop();
    await rename(key, `${key}.away`);
    vendor = await startServer({ data: vendor.data });
    const wanted = { template: backendSystem, version: '1.0' };
    expect(await here.refusal('POST', '/exports', wanted)).toBe('signing-key-missing');
    expect(await exported({ version: '1.0', format: 'ram' })).toMatchObject({ state: 'completed' });
    await rename(`${key}.away`, key);
  });

  it('can be asked for by publishers and operators, and seen by all', async () => {
    const { token } = await here.ask<{ token: string }>('POST', '/tokens', { account: 'aud', roles: ['auditor'] });
    const as = (method: string, path: string, body?: object) =>
      call(vendor, method, `/api/v1${path}`, { token, ...(body === undefined ? {} : { body }) });
    expect((await as('POST', '/exports', { template: backendSystem, version: '1.0' })).status).toBe(403);
    expect((await as('GET', '/exports')).status).toBe(200);
  });
});
