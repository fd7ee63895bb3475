import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openContentStore } from '@waybill/content-store';
import { sha256, type ExportId } from '@waybill/kernel';
import { indexName, openInventory, parsePartsIndex, partsOf, readPackage } from '@waybill/packaging';
import { ChangeStanding, RemoveExport, RequestExport, RequestImport } from './app/commands.js';
import type { ExportOptions } from './app/exports.js';
import { exportIdOf, exportOperation } from './domain/streams.js';
import { catalogReader } from './read/catalogReader.js';
import { FindExportedFile, FindExportedPackage, GetExport, ListExports, TakeInventory } from './read/queries.js';
import { deathAtAppend } from './testing/dying.js';
import { fixture } from './testing/packages.js';
import { context, freshDisk, onSiteOf, type Disk, type ServerOptions, type Site } from './testing/site.js';
import { failure, key } from './testing/useSite.js';

let disk: Disk;
beforeEach(async () => {
  disk = await freshDisk();
});
afterEach(() => disk.remove());

const onSite = <Result>(work: (site: Site) => Promise<Result>, options?: ServerOptions): Promise<Result> =>
  onSiteOf(disk, work, options);

/** Imports fixtures, of both versions that one template has. */
async function filled(site: Site, ...versions: readonly ('1.0' | '2.0')[]): Promise<void> {
  for (const version of versions) {
    const path = `${version}.tar.gz`;
    await copyFile(fixture(version), join(disk.packages, path));
    const asked = new RequestImport({ source: { kind: 'path', path }, confirm: true }, context(`import ${version}`));
    await site.settled((await site.run(asked)).import);
  }
  await site.caughtUp();
}

const asked = (name: string, options: Partial<ExportOptions> = {}) =>
  new RequestExport({ template: key, version: '1.0', format: 'waybill', ...options }, context(name));

async function exported(site: Site, name: string, options: Partial<ExportOptions> = {}) {
  const { export: id } = await site.run(asked(name, options));
  await site.exporting.whenAtRest(id);
  return site.ask(new GetExport(id));
}

const packageOf = async (site: Site, id: string) => readFile((await site.ask(new FindExportedPackage(id))).path);

/** Changes a bit in one of the layers on the disk. */
async function spoilLayer(): Promise<void> {
  const layers = join(disk.content, 'layers/sha256');
  const [layer = ''] = await readdir(layers);
  const [name = ''] = await readdir(join(layers, layer));
  const file = join(layers, layer, name);
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  await writeFile(file, bytes);
}

describe('an export', () => {
  it.each(['ram', 'docker-compose', 'waybill'] as const)(
    'of the format %s is the same file every time',
    async (format) => {
      await onSite(async (site) => {
        await filled(site, '1.0');
        const first = await exported(site, 'first', { format });
        const second = await exported(site, 'second', { format, template: 'backend-system' });
        expect(first).toMatchObject({ state: 'completed', template: key, version: '1.0', format });
        const bytes = await packageOf(site, first.id);
        expect([first.file?.digest, first.file?.size]).toEqual([sha256(bytes), bytes.length]);
        expect((await packageOf(site, second.id)).equals(bytes)).toBe(true);
        expect(second.file).toEqual(first.file);
        await site.caughtUp();
        const list = await site.ask(new ListExports());
        expect(list.items.map(({ id, state, file }) => [id, state, file])).toEqual([
          [second.id, 'completed', second.file],
          [first.id, 'completed', first.file],
        ]);
      });
    },
  );

  it('tells in each package which other versions were withdrawn, and writes none of those', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0', '2.0');
      const reason = 'It loses orders.';
      const change = { template: key, version: '1.0', change: { kind: 'withdraw', reason } } as const;
      expect(await site.run(new ChangeStanding(change, context('withdraw')))).toMatchObject({ withdrawn: reason });
      for (const format of ['ram', 'waybill'] as const)
        await expect(site.run(asked(`of ${format}`, { format }))).rejects.toEqual(failure('version-withdrawn'));
      const { id } = await exported(site, 'next', { version: '2.0' });
      const { path } = await site.ask(new FindExportedPackage(id));
      const staging = await site.deps.content.stage('reading');
      const found = await readPackage({ path }, staging);
      await staging.discard();
      const { manifestDigest } = await catalogReader(site.deps).version(key, '1.0');
      const [event] = (await site.events(`template-${key}`)).filter(({ type }) => type === 'version-withdrawn.v1');
      const { recordedAt } = event?.metadata as { readonly recordedAt: string };
      expect(found.format === 'waybill' && found.description.withdrawn).toEqual([
        { version: '1.0', manifest: manifestDigest, reason, at: recordedAt },
      ]);
    });
  });

  it.each(['ram', 'docker-compose', 'waybill'] as const)('of the format %s is given out in parts', async (format) => {
    await onSite(async (site) => {
      await filled(site, '1.0');
      const { id, file, split } = await exported(site, 'split', { format, split: 150_000 });
      const whole = await packageOf(site, id);
      expect([split, file?.parts?.partSize, file?.digest]).toEqual([150_000, 150_000, sha256(whole)]);
      const found = (name: string) => site.ask(new FindExportedFile(id, name));
      const index = await found(indexName(file?.name ?? ''));
      if (!('bytes' in index)) throw new Error('the index has no bytes');
      expect([index.digest, index.bytes.length]).toEqual([file?.parts?.index, file?.parts?.size]);
      const parts = partsOf(parsePartsIndex(index.bytes, index.name));
      expect(parts).toHaveLength(Math.ceil(whole.length / 150_000));
      for (const { name, digest, at, size } of parts) {
        expect(await found(name)).toMatchObject({ name, digest, at, size });
        expect(sha256(whole.subarray(at, at + size))).toBe(digest);
      }
      await expect(found('another')).rejects.toEqual(failure('export-file-not-found'));
      const inOne = await exported(site, 'in one piece', { format });
      expect(inOne.file).toEqual({ ...file, parts: undefined });
      await expect(site.ask(new FindExportedFile(inOne.id, index.name))).rejects.toEqual(
        failure('export-file-not-found'),
      );
    });
  });

  it('leaves out what the base has, be it a version or an inventory', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0', '2.0');
      const whole = await exported(site, 'whole', { version: '2.0' });
      const delta = await exported(site, 'delta', { version: '2.0', base: { version: '1.0' } });
      const inventory = await site.ask(new TakeInventory());
      const nothing = await exported(site, 'nothing', { version: '2.0', base: { inventory } });
      expect([whole.file?.name, delta.file?.name]).toEqual([
        'backend-system-2.0.waybill',
        'backend-system-2.0-delta-1.0.waybill',
      ]);
      const { layers: all } = openInventory(inventory);
      const asked = { schema: 1, template: key, version: '2.0', manifest: whole.manifest, layers: [], missing: all };
      const requested = await exported(site, 'requested', { version: '2.0', base: { inventory: asked } });
      expect([requested.file?.name, requested.file?.digest]).toEqual([whole.file?.name, whole.file?.digest]);
      const lacking = { ...asked, layers: all.slice(1), missing: all.slice(0, 1) };
      const rest = await exported(site, 'the rest', { version: '2.0', base: { inventory: lacking } });
      const names = [delta, nothing, rest].map(({ file }) => file?.name ?? '');
      expect(names.slice(1).join(' ')).toMatch(/^(backend-system-2\.0-delta-[0-9a-f]{8}\.waybill ?){2}$/);
      expect(new Set(names).size).toBe(3);
      const [most, some, least] = [whole, delta, nothing].map(({ file }) => file?.size ?? 0);
      expect(some).toBeLessThan(most ?? 0);
      expect(least).toBeLessThan(some ?? 0);
      const changed = { ...inventory, payload: inventory.payload.replace('e', 'f') };
      await expect(exported(site, 'forged', { base: { inventory: changed } })).rejects.toEqual(
        failure('inventory-invalid'),
      );
      await expect(exported(site, 'base of ram', { format: 'ram', base: { version: '1.0' } })).rejects.toEqual(
        failure('invalid-request'),
      );
    });
  });

  it('of the format waybill is read elsewhere as the same version, and a delta as one that lacks what the base has', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0', '2.0');
      const elsewhere = await openContentStore(join(disk.root, 'elsewhere'));
      const read = async (name: string, options: Partial<ExportOptions>) => {
        const { id, manifest, file } = await exported(site, name, { version: '2.0', ...options });
        const { path } = await site.ask(new FindExportedPackage(id));
        const staging = await elsewhere.stage(name);
        const found = await readPackage({ path }, staging);
        await staging.discard();
        if (found.format !== 'waybill') throw new Error(`read as ${found.format}`);
        expect([found.manifestDigest, found.file.digest, found.signer.kind]).toEqual([
          manifest,
          file?.digest,
          'signed',
        ]);
        return found;
      };
      const whole = await read('whole', {});
      const delta = await read('delta', { base: { version: '1.0' } });
      const base = await catalogReader(site.deps).version(key, '1.0');
      const held = new Set(base.images.flatMap(({ layers }) => layers.map(({ diffId }) => diffId)));
      const layers = new Set(whole.images.flatMap((image) => image.layers.map(({ diffId }) => diffId)));
      expect(whole.missing).toEqual([]);
      expect([...delta.missing].sort()).toEqual([...layers].filter((layer) => held.has(layer)).sort());
      expect(delta.missing.length).toBeGreaterThan(0);
    });
  });

  it('of a version that was taken under another number is a package of that number', async () => {
    await onSite(async (site) => {
      await copyFile(fixture('1.0'), join(disk.packages, '1.0.tar.gz'));
      const source = { kind: 'path', path: '1.0.tar.gz' } as const;
      const taken = new RequestImport({ source, confirm: true, version: '1.5' }, context('take it as 1.5'));
      await site.settled((await site.run(taken)).import);
      for (const format of ['ram', 'waybill'] as const) {
        const { id, manifest } = await exported(site, format, { version: '1.5', format });
        const { path } = await site.ask(new FindExportedPackage(id));
        const staging = await site.deps.content.stage('again');
        expect((await readPackage({ path }, staging)).manifestDigest).toBe(manifest);
        await staging.discard();
      }
    });
  });

  it('is refused while a layer is missing, and names the package that brings it back', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0');
      await rm(join(disk.content, 'layers'), { recursive: true });
      await expect(site.run(asked('missing'))).rejects.toEqual(failure('blob-missing', { packages: '1.0.tar.gz' }));
      await expect(site.run(asked('unknown', { version: '9' }))).rejects.toEqual(failure('version-not-found'));
      await expect(site.run(asked('unknown', { template: 'x' }))).rejects.toEqual(failure('template-not-found'));
    });
  });

  it('fails rather than give out a layer that was damaged on the disk', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0');
      const first = await exported(site, 'first');
      await site.run(new RemoveExport({ export: first.id }, context('remove')));
      await spoilLayer();
      expect(await exported(site, 'second')).toMatchObject({ state: 'failed', failure: { code: 'blob-damaged' } });
      expect(await readdir(site.deps.exportsDir)).toEqual([]);
    });
  });

  it('that others have written before to the last byte is not stored again, as long as theirs is sound', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0', '2.0');
      for (const format of ['ram', 'waybill'] as const) {
        const placeOf = async (id: string) => (await site.ask(new FindExportedPackage(id))).path;
        const inode = async (id: string) => (await stat(await placeOf(id))).ino;
        const first = await exported(site, `first ${format}`, { format });
        const bytes = await packageOf(site, first.id);
        const other = await exported(site, `other ${format}`, { format, version: '2.0' });
        const second = await exported(site, `second ${format}`, { format });
        expect(await inode(second.id)).toBe(await inode(first.id));
        expect(await inode(second.id)).not.toBe(await inode(other.id));
        expect(await readdir(join(site.deps.exportsDir, second.id))).toEqual(['package']);
        await site.run(new RemoveExport({ export: first.id }, context(`remove ${format}`)));
        expect((await packageOf(site, second.id)).equals(bytes)).toBe(true);

        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(damaged.length - 600) ^ 1, damaged.length - 600);
        for (const spoilt of [damaged, Buffer.concat([bytes, Buffer.alloc(512)]), bytes.subarray(0, -512)]) {
          await writeFile(await placeOf(second.id), spoilt);
          const anew = await exported(site, `anew ${format} ${sha256(spoilt)}`, { format });
          expect((await packageOf(site, anew.id)).equals(bytes)).toBe(true);
          await site.run(new RemoveExport({ export: anew.id }, context(`remove ${anew.id}`)));
        }
      }
    });
  });

  it('keeps its file until it is removed', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0');
      const { id } = await exported(site, 'first');
      await site.run(new RemoveExport({ export: id }, { ...context('try'), dryRun: true }));
      expect(await readdir(site.deps.exportsDir)).toEqual([id]);
      expect(await site.run(new RemoveExport({ export: id }, context('remove')))).toMatchObject({ state: 'removed' });
      expect(await readdir(site.deps.exportsDir)).toEqual([]);
      await expect(packageOf(site, id)).rejects.toEqual(failure('export-not-ready', { state: 'removed' }));
    });
  });
});

describe('a server that is killed during an export', () => {
  /** Kills one server after the other, each at its next append, until one lives, and looks at each export when it was restarted. */
  async function killedAtEach(
    moment: 'before' | 'after',
    beginning: (name: string) => Promise<(id: ExportId) => RequestExport | RemoveExport>,
    look: (site: Site, id: ExportId) => Promise<void>,
  ): Promise<number> {
    for (let killed = 0; ; killed += 1) {
      const name = `export ${String(killed)}`;
      const id = exportIdOf(context(name).commandId);
      const request = (await beginning(name))(id);
      const death = deathAtAppend(killed + 1, moment);
      await onSite(async (site) => {
        try {
          await site.run<unknown>(request);
        } catch (error) {
          if (!death.isDead()) throw error;
        }
        await Promise.race([death.came, site.exporting.whenAtRest(id)]);
      }, death);
      await onSite(async (site) => {
        await site.run<unknown>(request);
        await site.exporting.whenAtRest(id);
        await look(site, id);
      });
      if (!death.isDead()) return killed;
    }
  }
  const typesOf = async (site: Site, id: ExportId) =>
    (await site.events(exportOperation(id))).map(({ type }) => type.replace(/\.v\d+$/, ''));

  it.each(['before', 'after'] as const)(
    'goes on after a restart and finishes it once, whichever append it was killed %s',
    async (moment) => {
      const whole = await onSite(async (site) => {
        await filled(site, '1.0');
        return (await exported(site, 'whole')).file;
      });
      const killed = await killedAtEach(
        moment,
        (name) => Promise.resolve(() => asked(name)),
        async (site, id) => {
          expect(await typesOf(site, id)).toStrictEqual(['export-requested', 'package-written', 'export-completed']);
          expect((await site.ask(new GetExport(id))).file).toEqual(whole);
          expect(await readdir(join(site.deps.exportsDir, id))).toEqual(['package']);
        },
      );
      // The request, the claim, what was written, and the end of the claim.
      expect(killed).toBeGreaterThanOrEqual(4);
    },
  );

  it.each(['before', 'after'] as const)(
    'says once that it failed where it cannot be carried out, whichever append it was killed %s',
    async (moment) => {
      await onSite((site) => filled(site, '1.0'));
      await spoilLayer();
      const killed = await killedAtEach(
        moment,
        (name) => Promise.resolve(() => asked(name)),
        async (site, id) => {
          expect(await typesOf(site, id)).toStrictEqual(['export-requested', 'export-failed']);
          expect(await readdir(disk.content)).not.toContain('exports');
        },
      );
      expect(killed).toBeGreaterThanOrEqual(4);
    },
  );

  it.each(['before', 'after'] as const)(
    'has removed it in the end, with its file, when it was killed %s the removal was written down',
    async (moment) => {
      await onSite((site) => filled(site, '1.0'));
      const killed = await killedAtEach(
        moment,
        async (name) => {
          await onSite((site) => exported(site, name));
          return (id) => new RemoveExport({ export: id }, context(`remove ${id}`));
        },
        async (site, id) => {
          expect((await typesOf(site, id)).slice(2)).toStrictEqual(['export-completed', 'export-removed']);
          expect(await readdir(site.deps.exportsDir)).toEqual([]);
        },
      );
      expect(killed).toBeGreaterThanOrEqual(1);
    },
  );

  it('leaves no half-written file behind, and none of an export that was removed', async () => {
    await onSite(async (site) => {
      await filled(site, '1.0');
      const { id } = await exported(site, 'first');
      await writeFile(join(site.deps.exportsDir, id, 'other.partial'), 'half');
      await mkdir(join(site.deps.exportsDir, '00000000-0000-4000-8000-000000000001'));
    });
    await onSite(async (site) => {
      const [only = '', ...more] = await readdir(site.deps.exportsDir);
      expect([await readdir(join(site.deps.exportsDir, only)), more]).toEqual([['package'], []]);
    });
  });
});
