import fc from 'fast-check';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildImage, buildImageArchive, ramMetadata } from '@waybill/packaging/testing';
import { deep, printedSeed } from '@waybill/packaging/testing/hostile';
import { AddPublisher, PublishVersion, RequestExport, RequestImport } from './app/commands.js';
import type { ExportOptions } from './app/exports.js';
import { FindExportedPackage, GetImport, TakeInventory } from './read/queries.js';
import { contentIn, freshDisk, openSite, type Disk, type Site } from './testing/site.js';
import { next } from './testing/useSite.js';

const seed = printedSeed('deltas');

/** A package that is carried over: of one of the versions, whole or with a base. */
interface Carried {
  readonly version: number;
  /** Another version, what the customer lists at that moment, or nothing. */
  readonly base: number | 'inventory' | 'none';
}

interface History {
  /** Versions by the layers of their image, as numbers. */
  readonly versions: readonly (readonly number[])[];
  readonly carried: readonly Carried[];
}

const histories = fc
  .array(fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 })
  .chain((versions) => {
    const version = fc.nat(versions.length - 1);
    const base = fc.oneof(version, fc.constantFrom('inventory' as const, 'none' as const));
    const carried = fc.array(fc.record<Carried>({ version, base }), { minLength: 1, maxLength: 6 });
    return fc.record<History>({ versions: fc.constant(versions), carried });
  });

let disks: readonly Disk[] = [];
let vendor: Site;
let customer: Site;
let runs = 0;

beforeAll(async () => {
  disks = [await freshDisk(), await freshDisk()];
  const [here, there] = disks as readonly [Disk, Disk];
  vendor = await openSite(here);
  customer = await openSite(there);
  const { roots, chain } = vendor.deps.publisher();
  await customer.run(new AddPublisher({ roots, fingerprint: chain.publisher }, next()));
});
afterAll(async () => {
  await vendor.close();
  await customer.close();
  for (const disk of disks) await disk.remove();
});

const imageOf = (key: string, layers: readonly number[]) =>
  buildImage({ references: [`demo/${key}:1`], layers: layers.map((layer) => ({ [`${key}/${String(layer)}`]: 'x' })) });

async function publish(key: string, version: string, layers: readonly number[]): Promise<void> {
  const path = join(disks[0]?.packages ?? '', 'images.tar');
  await writeFile(path, buildImageArchive({ images: [imageOf(key, layers)] }));
  const metadata = Buffer.from(
    JSON.stringify({
      ...ramMetadata({ key, components: [{ key: 'web', image: `demo/${key}:1` }] }),
      group_version: version,
    }),
  );
  await vendor.run(
    new PublishVersion({ source: { format: 'ram', metadata }, images: [{ kind: 'path', path }] }, next()),
  );
}

/** Exports at the vendor, takes the file to the customer and imports it. */
async function carry(template: string, version: string, base: ExportOptions['base']) {
  const options = { template, version, format: 'waybill' as const, ...(base === undefined ? {} : { base }) };
  const { export: id } = await vendor.run(new RequestExport(options, next()));
  await vendor.exporting.whenAtRest(id);
  const { path } = await vendor.ask(new FindExportedPackage(id));
  const file = join(disks[1]?.packages ?? '', 'carried.waybill');
  await copyFile(path, file);
  const source = { kind: 'path', path: 'carried.waybill' } as const;
  const begun = await customer.run(new RequestImport({ source, confirm: true }, next()));
  await customer.process.whenAtRest(begun.import);
  await rm(file);
  return customer.ask(new GetImport(begun.import));
}

it('Deltas of any history are taken in any order where all layers are there, and refused with the list of those that are not', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ versions, carried }) => {
      const key = `shop-${String((runs += 1))}`;
      const nameOf = (version: number) => `${String(version + 1)}.0`;
      const layersOf = (version: number) =>
        imageOf(key, versions[version] ?? []).packaged.layers.map((it) => it.diffId);
      for (const [version, layers] of versions.entries()) await publish(key, nameOf(version), layers);
      const held = new Set<string>();
      for (const { version, base } of carried) {
        const own = layersOf(version);
        const leftOut = base === 'none' ? [] : base === 'inventory' ? [...held] : layersOf(base);
        const missing = own.filter((layer) => leftOut.includes(layer) && !held.has(layer)).sort();
        const before = await contentIn(customer.deps.content);
        const asked =
          base === 'none'
            ? undefined
            : base === 'inventory'
              ? { inventory: await customer.ask(new TakeInventory()) }
              : { version: nameOf(base) };
        const found = await carry(key, nameOf(version), asked);
        if (missing.length > 0) {
          expect(found).toMatchObject({
            state: 'failed',
            failure: { code: 'layers-missing', details: { layers: missing } },
          });
          expect(await contentIn(customer.deps.content)).toEqual(before);
          continue;
        }
        expect(found.state).toBe('completed');
        for (const layer of own) {
          expect(await customer.deps.content.verify('layer', layer)).toBe('sound');
          held.add(layer);
        }
      }
    }),
    { seed, numRuns: deep ? 300 : 6 },
  );
}, 3_600_000);
