import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import type { Digest } from '@waybill/kernel';
import { newPublisher, rootChain, signInventory } from '@waybill/packaging';
import {
  buildImage,
  buildImageArchive,
  filesIn,
  ramMetadata,
  testKey,
  testPublisher,
  writeWaybillFile,
  type WaybillPackageDescription,
} from '@waybill/packaging/testing';
import { writePackage } from '../support/fixtures.js';
import { cleanServers, freshFolder } from '../support/server.js';
import { waybill } from '../support/waybill.js';

const acme = testPublisher(1);
const stranger = testPublisher(9);
const fingerprint = rootChain(acme.roots).publisher;
/** Large enough that a verification takes several pieces of it at a time. */
const large = { blob: randomBytes(3_000_000), text: 'text '.repeat(900_000) };
const db = buildImage({ references: ['shop/db:1'], layers: [large, { 'bin/db': 'database' }] });
const web = buildImage({ references: ['shop/web:1'], layers: [large, { 'bin/web': 'web' }] });
const [shared, own] = web.layers;
const all = [...new Set([...db.layers, ...web.layers].map(({ diffId }) => diffId))];
const shop: WaybillPackageDescription = {
  metadata: ramMetadata({
    key: 'shop',
    name: 'shop',
    components: [
      { key: 'db', image: 'shop/db:1', env: { DB_PASSWORD: 'secret' } },
      { key: 'web', image: 'shop/web:1', dependsOn: ['db'] },
    ],
  }),
  images: [db, web],
  publisher: acme,
};

let folder: string;
let whole: string;
let roots: string;
beforeAll(async () => {
  folder = await freshFolder();
  whole = await writeWaybillFile(folder, 'shop-1.0.waybill', shop);
  roots = join(folder, 'publisher-roots.json');
  await writeFile(roots, JSON.stringify(acme.roots));
});
afterAll(cleanServers);

const inspect = (...args: readonly string[]) =>
  waybill({ url: 'http://127.0.0.1:9', data: '/nowhere' }, ['inspect', ...args]);
const parsed = async (...args: readonly string[]) => {
  const { exit, out, err } = await inspect(...args, '--json');
  return { exit, view: JSON.parse(out) as Readonly<Record<string, unknown>>, err };
};
const inventoryOf = async (...layers: readonly Digest[]) => {
  const path = join(folder, `inventory-${String(layers.length)}.json`);
  const signed = signInventory(newPublisher('Hospital', testKey(5)), '2026-03-01T00:00:00Z', layers);
  await writeFile(path, JSON.stringify(signed));
  return path;
};

describe('waybill inspect of the waybill format, without a server', () => {
  it('tells what it holds, who signed it, and how to find out whether that is true', async () => {
    const { exit, out } = await inspect(whole);
    expect(exit).toBe(0);
    expect(out).toMatch(/Format: +waybill\nTemplate: +shop \(shop\)\nVersion: +1\.0\n/);
    expect(out).toContain(`Signed by:   Acme (${fingerprint}), root 1\n`);
    expect(out).toMatch(new RegExp(`Compare: +ask the publisher.* for its fingerprint: ${fingerprint}\n`));
    expect(out).toMatch(/In the file: +3 layers, /);
    expect(out).not.toContain('Left out');
    expect(out).toMatch(/db +service +shop\/db:1 sha256:[0-9a-f]{12} +linux\/amd64 +7\.5 MB\n/);
    expect(out).toContain('The variable DB_PASSWORD looks like a secret and stands in clear');
    expect(out).toMatch(/The layers were not read; --verify reads them\.\n$/);
    const { view } = await parsed(whole);
    expect(Object.keys(view).sort()).toEqual(
      [
        ...[
          'components',
          'file',
          'format',
          'images',
          'layers',
          'leftOut',
          'manifest',
          'notices',
          'packed',
          'published',
        ],
        ...['sboms', 'signer', 'template', 'verified', 'version', 'withdrawn'],
      ].sort(),
    );
    expect(view).toMatchObject({ verified: false, packed: { count: 3 }, leftOut: [], layers: { count: 3 } });
  });

  it('says whether it is signed by somebody who is trusted', async () => {
    expect(await parsed(whole, '--trust', roots)).toMatchObject({ exit: 0, view: { trust: { trusted: true } } });
    const other = await writeWaybillFile(folder, 'other.waybill', { ...shop, publisher: stranger });
    expect((await inspect(whole, '--trust', other, '--trust', roots)).out).toMatch(/Trusted: +yes\n/);
    const unknown = await inspect(other, '--trust', roots);
    expect([unknown.exit, unknown.err]).toEqual([3, expect.stringContaining(rootChain(stranger.roots).publisher)]);
    expect(unknown.out).toMatch(/Trusted: +NO: /);
    const unsigned = await writeWaybillFile(folder, 'unsigned.waybill', {
      ...shop,
      mutate: (content) => ({ ...content, keys: [], roots: [] }),
    });
    expect((await inspect(unsigned)).out).toMatch(/Signed by: +NOBODY\n/);
    expect((await inspect(unsigned, '--trust', roots)).exit).toBe(3);
  });

  it('reads every byte when it is told to, and names the file that is damaged', async () => {
    const sound = await parsed(whole, '--verify');
    expect(sound).toMatchObject({ exit: 0, view: { verified: true } });
    const bytes = await readFile(whole);
    const layer = filesIn(bytes).findLast(({ content }) => content.length > 3_000_000);
    const damaged = join(folder, 'damaged.waybill');
    const at = bytes.indexOf(layer?.content ?? '') + 2_500_000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(damaged, bytes);
    expect((await inspect(damaged)).exit).toBe(0);
    const { exit, err } = await inspect(damaged, '--verify');
    expect([exit, err]).toEqual([3, expect.stringContaining(layer?.name ?? '?')]);
    await writeFile(damaged, bytes.subarray(0, -1));
    expect(await inspect(damaged)).toMatchObject({
      exit: 3,
      err: expect.stringContaining('damaged.waybill') as string,
    });
  });

  it('tells what a site would have to store, and what it lacks of a delta', async () => {
    const some = await inventoryOf(shared!.diffId);
    const stored = await parsed(whole, '--inventory', some);
    const sizes = new Map([...db.layers, ...web.layers].map(({ diffId, tar }) => [diffId, tar.length]));
    const bytes = all.filter((one) => one !== shared?.diffId).reduce((sum, one) => sum + (sizes.get(one) ?? 0), 0);
    expect(stored.view).toMatchObject({
      layers: { count: 3, newCount: 2, newBytes: bytes },
      site: { name: 'Hospital', at: '2026-03-01T00:00:00Z', store: { count: 2, bytes }, lacking: [] },
    });
    const without = new Set(web.layers.map(({ diffId }) => diffId));
    const delta = await writeWaybillFile(folder, 'shop-1.0-delta.waybill', { ...shop, without });
    const { out } = await inspect(delta, '--inventory', some);
    expect(out).toMatch(/Left out: +2 layers, .*: the receiver must have them\n/);
    expect(out).toMatch(/To store: +1 layer, .* at Hospital as of 2026-03-01 00:00:00Z; IT LACKS 1 layer, /);
    const lacking = (await parsed(delta, '--inventory', some)).view['site'];
    expect(lacking).toMatchObject({ lacking: [{ diffId: own?.diffId }] });
    expect(await inspect(delta, '--inventory', roots)).toMatchObject({ exit: 3 });
    expect((await inspect(delta, '--verify')).exit).toBe(0);
  });
});

describe('waybill inspect of anything else', () => {
  it('reads a package of the reference system whole, and tells what a site would have to store of it', async () => {
    const file = await writePackage(folder, {
      key: 'shop',
      version: '1.0',
      images: [web],
      components: [{ key: 'web', image: 'shop/web:1' }],
    });
    expect((await parsed(file, '--inventory', await inventoryOf(own!.diffId))).view).toMatchObject({
      format: 'ram',
      verified: true,
      layers: { count: 2, newCount: 1 },
      site: { store: { count: 1, bytes: shared?.tar.length }, lacking: [] },
    });
  });

  it('calls it by its name and says what to do with it', async () => {
    const archive = join(folder, 'images.tar');
    await writeFile(archive, buildImageArchive({ images: [web] }));
    const found = await inspect(archive);
    expect([found.exit, found.out, found.err]).toEqual([
      3,
      '',
      'waybill: images.tar is an archive of images. It carries images without a template; publish a template and give the archive as its images.\n',
    ]);
    expect(await inspect(folder)).toMatchObject({ exit: 3, err: expect.stringContaining('is a folder.') as string });
    expect(await inspect(join(folder, 'nowhere'))).toMatchObject({ exit: 4 });
  });

  it('lets no name reach the terminal as more than text', async () => {
    const evil = 'evil\u001b[2J\u202e';
    const file = await writeWaybillFile(folder, 'evil.waybill', {
      ...shop,
      metadata: ramMetadata({
        key: 'evil',
        name: evil,
        components: [{ key: 'web', name: evil, image: 'shop/web:1' }],
      }),
      images: [web],
      mutate: (content) => ({ ...content, description: { ...content.description, notes: evil } }),
    });
    const { exit, out } = await inspect(file);
    expect(exit).toBe(0);
    expect(out.match(/evil\\u001b\[2J\\u202e/g)?.length).toBeGreaterThanOrEqual(3);
    for (const text of [out, (await inspect(file, '--json')).out])
      expect(['\u001b', '\u202e'].filter((sign) => text.includes(sign))).toEqual([]);
  });
});
