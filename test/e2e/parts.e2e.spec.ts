import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { backendSystem, fixture } from '../support/fixtures.js';
import { cleanServers, freshFolder, startServer, type TestServer } from '../support/server.js';
import { site, type Site } from '../support/site.js';
import { waybill } from '../support/waybill.js';

interface Split {
  readonly id: string;
  readonly file: { readonly digest: string; readonly size: number; readonly parts: { readonly count: number } };
  readonly index: string;
  readonly parts: readonly string[];
}

let vendor: TestServer;
let here: Site;
/** What the vendor wrote: the index and the parts, in two folders as on two disks. */
let folders: readonly [string, string];
let split: Split;
const nowhere = { url: 'http://127.0.0.1:9', data: '/nowhere' };

beforeAll(async () => {
  const incoming = await freshFolder();
  await writeFile(join(incoming, '1.0.tar.gz'), await readFile(fixture('1.0')));
  vendor = await startServer({ env: { WAYBILL_IMPORT_ROOTS: incoming } });
  here = site(() => vendor);
  expect(await here.import(join(incoming, '1.0.tar.gz'))).toMatchObject({ state: 'succeeded' });
  const place = await freshFolder();
  folders = [join(place, 'usb1'), join(place, 'usb2')];
  const args = ['export', backendSystem, '1.0', '--split', '200k', '-o', folders[0], '--json'];
  const { exit, out, err } = await waybill(vendor, args);
  expect([exit, err]).toEqual([0, expect.any(String)]);
  split = JSON.parse(out) as Split;
  await mkdir(folders[1], { recursive: true });
  for (const path of split.parts.slice(2)) await rename(path, join(folders[1], basename(path)));
});
afterAll(cleanServers);

const names = () => split.parts.map((path) => basename(path));
const bytesOf = async (address: string, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(`${vendor.url}/api/v1/exports/${split.id}/${address}`, {
    headers: { authorization: `Bearer ${vendor.adminToken}`, ...headers },
  });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
};

describe('a split export', () => {
  it('is written in parts of the size asked for, which together are the package, byte for byte', async () => {
    const { bytes } = await bytesOf('file');
    expect(sha256(bytes)).toBe(split.file.digest);
    expect(split.parts).toHaveLength(Math.ceil(bytes.length / 200_000));
    expect(split.parts.length).toBeGreaterThan(3);
    const parts = [];
    for (const [n, name] of names().entries()) parts.push(await readFile(join(folders[n < 2 ? 0 : 1], name)));
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    expect(new Set(parts.slice(0, -1).map(({ length }) => length))).toEqual(new Set([200_000]));
  });

  it('gives each part out as a file of its own, in ranges, and nothing by another name', async () => {
    const name = names()[1] ?? '';
    const { response, bytes } = await bytesOf(`files/${name}`);
    const etag = response.headers.get('etag') ?? '';
    expect([response.status, etag]).toEqual([200, `"${sha256(bytes)}"`]);
    const range = await bytesOf(`files/${name}`, { range: 'bytes=1000-1999', 'if-range': etag });
    expect([range.response.status, range.response.headers.get('content-range')]).toEqual([
      206,
      'bytes 1000-1999/200000',
    ]);
    expect(range.bytes.equals(bytes.subarray(1000, 2000))).toBe(true);
    const last = names().at(-1) ?? '';
    const rest = await bytesOf(`files/${last}`, { range: 'bytes=10-' });
    expect(rest.bytes.equals((await bytesOf(`files/${last}`)).bytes.subarray(10))).toBe(true);
    expect((await bytesOf(`files/${last}`, { range: 'bytes=200000-' })).response.status).toBe(416);
    const index = await bytesOf(`files/${basename(split.index)}`);
    expect(index.bytes.equals(await readFile(split.index))).toBe(true);
    expect((await bytesOf(`files/${name}x`)).response.status).toBe(404);
  });

  it('is fetched again in part, and what is there is left alone', async () => {
    const again = await freshFolder();
    const fetched = await waybill(vendor, ['exports', 'fetch', split.id, '--parts', '2,4-', '-o', again, '--json']);
    const wanted = names().filter((_, n) => n === 1 || n >= 3);
    expect((JSON.parse(fetched.out) as Split).parts).toEqual(wanted.map((name) => join(again, name)));
    expect(await readdir(again)).toEqual([basename(split.index), ...wanted].sort());
    const both = ['exports', 'fetch', split.id, '-o', folders[0], '-o', folders[1], '--json'];
    const { exit, out } = await waybill(vendor, both);
    expect(exit).toBe(0);
    expect((JSON.parse(out) as Split).parts).toEqual(names().map((name, n) => join(folders[n < 2 ? 0 : 1], name)));
  });

  it('is refused in parts that are too small', async () => {
    expect(await waybill(vendor, ['export', backendSystem, '1.0', '--split', '4x'])).toMatchObject({ exit: 2 });
    expect(await waybill(vendor, ['export', backendSystem, '1.0', '--split', '1k'])).toMatchObject({ exit: 2 });
  });
});

describe('waybill inspect of a split package, without a server', () => {
  const inspect = (...args: readonly string[]) => waybill(nowhere, ['inspect', ...args]);

  it('says which parts are there, and what the package holds when all are', async () => {
    const some = await inspect(split.index, '--json');
    expect(some.exit).toBe(0);
    expect((JSON.parse(some.out) as { parts: { state: string }[] }).parts.map(({ state }) => state)).toEqual(
      names().map((_, n) => (n < 2 ? 'present' : 'missing')),
    );
    expect(await inspect(split.index, '--verify')).toMatchObject({
      exit: 3,
      err: expect.stringContaining(`are missing: ${names().slice(2).join(', ')}`) as string,
    });
    const all = await inspect(split.index, folders[1], '--verify');
    expect([all.exit, all.out]).toEqual([0, expect.stringMatching(/there, and sound[^]*Version: +1\.0[^]*sound\.\n$/)]);
    const whole = JSON.parse((await inspect(split.index, folders[1], '--json')).out) as {
      version: string;
      parts: object;
    };
    expect(whole).toMatchObject({
      format: 'waybill',
      version: '1.0',
      parts: { package: { digest: split.file.digest } },
    });
  });

  it('says of a part what it belongs to', async () => {
    const part = join(folders[0], names()[1] ?? '');
    expect((await inspect(part)).out).toMatch(/It is: +part 2 of a split package[^]*MISSING/);
    const damaged = await freshFolder();
    await writeFile(join(damaged, basename(part)), await readFile(part));
    expect((await inspect(join(damaged, basename(part)))).err).toContain('part 2 of a split package, by its name');
    for (const path of [split.index, part]) await writeFile(join(damaged, basename(path)), await readFile(path));
    const bytes = await readFile(part);
    bytes[77] = (bytes[77] ?? 0) ^ 1;
    await writeFile(join(damaged, basename(part)), bytes);
    const found = await inspect(join(damaged, basename(split.index)), '--verify');
    expect([found.exit, found.err]).toEqual([3, expect.stringContaining(`${basename(part)} is not the part`)]);
  });
});

describe('a split package at its site', () => {
  let customer: TestServer;
  const there = site(() => customer);
  const open = async () => {
    const { items } = await there.ask<{ items: readonly { id: string; state: string; parts?: { missing: number } }[] }>(
      'GET',
      '/imports?state=collecting',
    );
    return items;
  };

  it('is imported part by part, from the last to the first, over two lives of the server', async () => {
    customer = await startServer();
    const roots = join(vendor.data, 'publisher-roots.json');
    const trusted = await there.ask<{ roots?: unknown }>('POST', '/trust', await trustBody(roots));
    expect(trusted).toBeDefined();

    const [usb1, usb2] = await Promise.all([freshFolder(), freshFolder()]);
    const index = join(usb2, basename(split.index));
    await writeFile(index, await readFile(split.index));
    const carry = async (to: string, n: number) =>
      writeFile(join(to, names()[n] ?? ''), await readFile(join(folders[n < 2 ? 0 : 1], names()[n] ?? '')));
    for (let n = names().length - 1; n >= 2; n -= 1) await carry(usb2, n);
    const damaged = join(usb2, names()[2] ?? '');
    const bytes = await readFile(damaged);
    bytes[7] = (bytes[7] ?? 0) ^ 1;
    await writeFile(damaged, bytes);

    const first = await waybill(customer, ['import', index, '--confirm']);
    expect([first.exit, first.err]).toEqual([3, expect.stringContaining(`${names()[2] ?? ''} is not the part`)]);
    expect(first.out).toContain(`${names()[0] ?? ''}  `);
    const [begun] = await open();
    expect(begun).toMatchObject({ state: 'collecting', parts: { missing: 3 } });
    const listed = await waybill(customer, ['imports', 'list', '--state', 'collecting']);
    expect(listed.out).toContain(`3 of ${String(names().length)} parts are missing`);

    await customer.kill();
    customer = await startServer({ data: customer.data });
    await carry(usb2, 2);
    await carry(usb1, 1);
    const lone = await waybill(customer, ['import', usb1]);
    expect([lone.exit, lone.err]).toEqual([2, expect.stringContaining(`or lies in ${usb1}`)]);
    const second = await waybill(customer, ['import', join(usb1, names()[1] ?? ''), index, usb2]);
    expect([second.exit, second.out]).toEqual([0, expect.stringMatching(/Missing:\n[^]*part-001/)]);
    expect(second.out).not.toContain('part-002');
    expect(second.err).toContain(`goes on with the import ${begun?.id ?? ''}`);
    await customer.kill();
    customer = await startServer({ data: customer.data });
    expect(await open()).toMatchObject([{ id: begun?.id, parts: { missing: 1 } }]);
    await rm(join(usb1, names()[1] ?? ''));
    await carry(usb1, 0);
    const last = await waybill(customer, ['import', index, usb1, '--json']);
    expect(last.exit).toBe(0);
    expect(JSON.parse(last.out)).toMatchObject({
      id: begun?.id,
      state: 'completed',
      inspection: { file: { digest: split.file.digest, size: split.file.size } },
    });
    const digest = async (of: Site) =>
      (await of.ask<{ manifestDigest: string }>('GET', `/templates/${backendSystem}/versions/1.0`)).manifestDigest;
    expect(await digest(there)).toBe(await digest(here));
    expect(await readdir(join(customer.data, 'uploads'))).toEqual([]);
  });

  it('is confirmed by the command that brought its last part, given again, wherever the parts lie', async () => {
    const roots = await freshFolder();
    for (const folder of folders)
      for (const name of await readdir(folder)) await writeFile(join(roots, name), await readFile(join(folder, name)));
    const third = await startServer({ env: { WAYBILL_IMPORT_ROOTS: roots } });
    await site(() => third).ask('POST', '/trust', await trustBody(join(vendor.data, 'publisher-roots.json')));
    const index = join(roots, basename(split.index));
    const listed = async () =>
      (await site(() => third).ask<{ items: readonly { id: string; state: string }[] }>('GET', '/imports')).items.map(
        ({ id, state }) => ({ id, state }),
      );
    for (const args of [[index], ['--server-path', index]]) {
      const [before, given] = [await listed(), await waybill(third, ['import', ...args])];
      const id = /imports confirm (\S+)/.exec(given.err)?.[1];
      expect([given.exit, given.out]).toEqual([0, expect.stringContaining('inspected')]);
      expect(await listed()).toEqual([{ id, state: 'inspected' }, ...before]);
      const again = await waybill(third, ['import', ...args]);
      expect([again.exit, again.err]).toEqual([0, expect.stringContaining(`waybill imports confirm ${id ?? ''}`)]);
      const confirmed = await waybill(third, ['import', '--confirm', ...args]);
      expect([confirmed.exit, confirmed.err]).toEqual([0, expect.stringContaining(`the import ${id ?? ''}`)]);
      expect((await listed()).filter(({ state }) => state !== 'discarded')).toEqual([
        { id, state: 'completed' },
        ...before,
      ]);
    }
  });

  it('is taken from folders of the server where it lies', async () => {
    const roots = await freshFolder();
    const disks = [join(roots, 'usb1'), join(roots, 'usb2')] as const;
    for (const [n, disk] of disks.entries()) {
      await mkdir(disk);
      const from = folders[n === 0 ? 0 : 1];
      for (const name of await readdir(from)) await writeFile(join(disk, name), await readFile(join(from, name)));
    }
    const second = await startServer({ env: { WAYBILL_IMPORT_ROOTS: roots } });
    const body = await trustBody(join(vendor.data, 'publisher-roots.json'));
    await site(() => second).ask('POST', '/trust', body);
    const index = join(disks[0], basename(split.index));
    const some = await waybill(second, ['import', '--server-path', '--confirm', index]);
    expect([some.exit, some.out]).toEqual([0, expect.stringContaining('2 of ')]);
    const all = await waybill(second, ['import', '--server-path', '--confirm', index, disks[1]]);
    expect([all.exit, all.out]).toEqual([0, expect.stringContaining('is completed')]);
    expect(all.err).toContain('goes on with the import');
    expect((await readdir(disks[1])).filter((name) => names().includes(name))).toHaveLength(names().length - 2);
  });
});

async function trustBody(roots: string): Promise<object> {
  const { rootChain, parseRoots } = await import('@waybill/packaging');
  const envelopes = parseRoots(await readFile(roots));
  return { roots: envelopes, fingerprint: rootChain(envelopes).publisher };
}
