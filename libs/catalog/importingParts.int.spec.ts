import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { partHasher, partName, partsIndexBytes } from '@waybill/packaging';
import { DiscardImport, ReceivePart, RequestImport } from './app/commands.js';
import type { FileLocation } from './app/packageFile.js';
import { importIdOf } from './domain/streams.js';
import { GetImport, ListImports } from './read/queries.js';
import { deathAtAppend } from './testing/dying.js';
import { fixture } from './testing/packages.js';
import { context, freshDisk, onSiteOf, type Disk, type ServerOptions, type Site } from './testing/site.js';
import { failure, key } from './testing/useSite.js';

const NAME = 'shop.tar.gz';
let disk: Disk;
let bytes: Buffer;
let parts: readonly { readonly name: string; readonly content: Buffer }[];
let index: Buffer;

beforeEach(async () => {
  disk = await freshDisk();
  bytes = await readFile(fixture('1.0'));
  const partSize = Math.ceil(bytes.length / 4);
  const hasher = partHasher(partSize);
  hasher.update(bytes);
  index = partsIndexBytes({
    schema: 1,
    package: { name: NAME, digest: sha256(bytes), size: bytes.length },
    partSize,
    parts: hasher.digests(),
  });
  parts = [1, 2, 3, 4].map((number) => ({
    name: partName(NAME, number),
    content: bytes.subarray((number - 1) * partSize, number * partSize),
  }));
  await writeFile(join(disk.packages, `${NAME}.parts.json`), index);
});
afterEach(() => disk.remove());

const onSite = <Result>(work: (site: Site) => Promise<Result>, options?: ServerOptions): Promise<Result> =>
  onSiteOf(disk, work, options);

const asked = context('split');
const id = importIdOf(asked.commandId);
const begin = (site: Site, confirm = true) =>
  site.run(new RequestImport({ source: { kind: 'path', path: `${NAME}.parts.json` }, confirm }, asked));
const give = (site: Site, file: FileLocation, name = JSON.stringify(file)) =>
  site.run(new ReceivePart({ import: id, file }, context(name)));

/** As a client leaves it in the uploads' folder, its content compared with what was announced. */
async function uploaded(content: Buffer, name: string, announced = true): Promise<FileLocation> {
  const file = `upload of ${name}`;
  await writeFile(join(disk.uploads, file), content);
  return { kind: 'upload', file, name, ...(announced ? { digest: sha256(content) } : {}) };
}
const upload = (number: number, announced?: boolean) => {
  const part = parts[number - 1]!;
  return uploaded(part.content, part.name, announced);
};
const missing = async (site: Site) =>
  ((await site.ask(new GetImport(id))).parts?.missing ?? []).map(({ number, reason }) =>
    reason === undefined ? number : `${String(number)} ${reason}`,
  );
const completed = { state: 'completed', result: { template: key, version: '1.0', outcome: 'imported' } };

describe('an import of a split package', () => {
  it('takes the parts in any order over several lives of the server, and is what the whole would be', async () => {
    await onSite(async (site) => {
      expect(await begin(site)).toMatchObject({ state: 'collecting' });
      expect(await give(site, await upload(4))).toMatchObject({ state: 'collecting' });
      expect(await give(site, await upload(2, false))).toMatchObject({ state: 'collecting' });
      await give(site, await upload(2));
      expect(await missing(site)).toEqual([1, 3]);
      await site.caughtUp();
      const [listed] = (await site.ask(new ListImports({ state: 'collecting' }))).items;
      expect(listed).toMatchObject({
        id,
        source: 'parts',
        name: NAME,
        parts: { package: sha256(bytes), count: 4, missing: 2 },
      });
    });
    await onSite(async (site) => {
      await give(site, await upload(3));
      expect(await give(site, await upload(1))).toMatchObject({ state: 'reading' });
      expect(await site.settled(id)).toMatchObject({ ...completed, inspection: { file: { digest: sha256(bytes) } } });
      await site.caughtUp();
      expect((await site.ask(new ListImports())).items).toMatchObject([
        { id, state: 'completed', parts: { missing: 0 } },
      ]);
      expect(await readdir(disk.uploads)).toEqual([]);
      await expect(give(site, await upload(3), 'again')).resolves.toMatchObject({ state: 'completed' });
    });
  });

  it('names a file that is damaged or no part of it, and waits on', async () => {
    await onSite(async (site) => {
      await begin(site);
      const damaged = Buffer.from(parts[1]!.content);
      damaged[7] = damaged[7]! ^ 1;
      await expect(give(site, await uploaded(damaged, parts[1]!.name))).rejects.toEqual(failure('part-differs'));
      await expect(give(site, await uploaded(damaged, 'elsewhere'))).rejects.toEqual(failure('part-unknown'));
      await writeFile(join(disk.packages, parts[1]!.name), damaged.subarray(1));
      await expect(give(site, { kind: 'path', path: parts[1]!.name })).rejects.toEqual(failure('part-differs'));
      await expect(give(site, { kind: 'path', path: parts[2]!.name })).rejects.toEqual(failure('package-not-found'));
      expect(await missing(site)).toEqual([1, 2, 3, 4]);
      await site.run(new DiscardImport({ import: id }, context('discard')));
      await expect(give(site, await upload(1))).rejects.toEqual(failure('import-not-collecting'));
    });
  });

  it('takes parts that lie on the server where they lie, tells the damaged and the missing when it reads, and leaves all of them', async () => {
    for (const { name, content } of parts.slice(0, 3)) await writeFile(join(disk.packages, name), content);
    const damaged = Buffer.from(parts[2]!.content);
    damaged[100] = damaged[100]! ^ 1;
    await writeFile(join(disk.packages, parts[2]!.name), damaged);
    await onSite(async (site) => {
      expect(await begin(site)).toMatchObject({ state: 'collecting' });
      expect(await missing(site)).toEqual([4]);
      const elsewhere = join(disk.packages, 'second disk');
      await mkdir(elsewhere);
      await writeFile(join(elsewhere, parts[3]!.name), parts[3]!.content);
      await give(site, { kind: 'path', path: join('second disk', parts[3]!.name) });
      expect(await site.settled(id)).toMatchObject({ state: 'collecting' });
      expect(await missing(site)).toEqual(['3 differs']);

      await rename(elsewhere, `${elsewhere}, unmounted`);
      await writeFile(join(disk.packages, parts[2]!.name), parts[2]!.content);
      await give(site, { kind: 'path', path: parts[2]!.name }, 'copied again');
      expect(await site.settled(id)).toMatchObject({ state: 'collecting' });
      expect(await missing(site)).toEqual(['4 gone']);

      await give(site, await upload(4));
      expect(await site.settled(id)).toMatchObject(completed);
      expect((await readdir(disk.packages)).filter((name) => name.startsWith(NAME))).toHaveLength(4);
    });
  });

  it('is read at once when all of it lies beside the index', async () => {
    for (const { name, content } of parts) await writeFile(join(disk.packages, name), content);
    await onSite(async (site) => {
      expect(await begin(site)).toMatchObject({ state: 'reading' });
      expect(await site.settled(id)).toMatchObject(completed);
    });
  });

  it('keeps the parts that are there while others come, and takes one anew whose file is gone', async () => {
    await onSite(async (site) => {
      await begin(site);
      const first = await upload(1);
      await give(site, first);
      const path = join(disk.uploads, (first as { file: string }).file);
      await utimes(path, new Date(0), new Date(0));
      await give(site, await upload(2));
      expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 60_000);
      await rm(path);
      await give(site, await upload(3));
      await give(site, await upload(4));
      expect(await site.settled(id)).toMatchObject({ state: 'collecting' });
      expect(await missing(site)).toEqual(['1 gone']);
      await give(site, await upload(1), 'sent again');
      expect(await site.settled(id)).toMatchObject(completed);
    });
  });

  it('removes the parts when it is given up', async () => {
    await onSite(async (site) => {
      await begin(site);
      await give(site, await upload(1));
      await site.run(new DiscardImport({ import: id }, context('discard')));
      expect(await readdir(disk.uploads)).toEqual([]);
    });
  });

  it('says of an index that was changed that it was', async () => {
    await writeFile(join(disk.packages, `${NAME}.parts.json`), index.toString().replace('"partSize":', '"partSize":1'));
    await onSite(async (site) => expect(begin(site)).rejects.toEqual(failure('parts-index-invalid')));
  });
});

describe('a server that is killed while parts come', () => {
  it.each(['before', 'after'] as const)(
    'goes on after a restart, whichever append it was killed %s',
    async (moment) => {
      for (let n = 1; ; n += 1) {
        const death = deathAtAppend(n, moment);
        await onSite(async (site) => {
          try {
            await begin(site);
            for (const number of [3, 1, 4, 2]) await give(site, await upload(number));
            await Promise.race([death.came, site.process.whenAtRest(id)]);
          } catch (error) {
            if (!death.isDead()) throw error;
          }
        }, death);
        await onSite(async (site) => {
          await begin(site);
          if ((await site.settled(id)).state === 'collecting')
            for (const number of [3, 1, 4, 2]) await give(site, await upload(number));
          expect(await site.settled(id)).toMatchObject(completed);
          const received = (await site.events(`import-${id}`)).filter(({ type }) => type === 'part-received.v1');
          expect(received).toHaveLength(4);
        });
        if (!death.isDead()) break;
        for (const folder of [disk.uploads, disk.content]) {
          await rm(folder, { recursive: true });
          await mkdir(folder);
        }
        for (const name of await readdir(disk.root)) if (name.includes('.sqlite')) await rm(join(disk.root, name));
      }
    },
  );
});
