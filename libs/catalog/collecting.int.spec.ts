import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContentStore } from '@waybill/content-store';
import type { EventStore } from '@waybill/event-store';
import { WaybillError } from '@waybill/kernel';
import { ChangeStanding, CollectContent, PublishVersion, RequestExport, RequestImport } from './app/commands.js';
import { collectContent } from './app/collect.js';
import { contentOfImages } from './domain/imageList.js';
import { catalogReader } from './read/catalogReader.js';
import { FindExportedPackage, GetExport, ListMissingContent } from './read/queries.js';
import { fixture, repack, unpack } from './testing/packages.js';
import { contentIn, context, freshDisk, onSiteOf, type Disk, type ServerOptions, type Site } from './testing/site.js';
import { failure, key } from './testing/useSite.js';

let disk: Disk;
let commands = 0;
const next = () => context(`collecting ${(commands += 1)}`);
beforeEach(async () => {
  disk = await freshDisk();
  for (const version of ['1.0', '2.0'] as const)
    await copyFile(fixture(version), join(disk.packages, `${version}.tar.gz`));
});
afterEach(() => disk.remove());

const onSite = <Result>(work: (site: Site) => Promise<Result>, options?: ServerOptions): Promise<Result> =>
  onSiteOf(disk, work, options);

async function imported(site: Site, path: string): Promise<void> {
  const { import: id } = await site.run(new RequestImport({ source: { kind: 'path', path }, confirm: true }, next()));
  expect((await site.settled(id)).state).toBe('completed');
  await site.caughtUp();
}

const withdraw = (site: Site, version: string) =>
  site.run(
    new ChangeStanding({ template: key, version, change: { kind: 'withdraw', reason: 'It loses orders.' } }, next()),
  );

/** Everything of a version, as `contentIn` names it. */
async function contentOf(site: Site, version: string): Promise<readonly string[]> {
  const { layers, blobs } = contentOfImages((await catalogReader(site.deps).version(key, version)).images);
  return [...blobs.map((digest) => `blob ${digest}`), ...layers.map((digest) => `layer ${digest}`)].sort();
}

/** Both versions are here, and the first is on offer no more. */
async function withOneWithdrawn(site: Site): Promise<void> {
  await imported(site, '1.0.tar.gz');
  await imported(site, '2.0.tar.gz');
  await withdraw(site, '1.0');
}

/** The first version's images in a template of their own. */
const another = () =>
  repack(disk.packages, 'another.tar.gz', '1.0', (metadata) => ({ ...metadata, group_key: 'other' }));

describe('a collection', () => {
  it('takes what only withdrawn versions need, says so first, and changes nothing when it is repeated', async () => {
    await onSite(async (site) => {
      await imported(site, '1.0.tar.gz');
      await imported(site, '2.0.tar.gz');
      expect(await site.run(new CollectContent({}, next()))).toMatchObject({ outcome: 'nothing', content: [] });
      await withdraw(site, '1.0');
      const [first, second] = [await contentOf(site, '1.0'), await contentOf(site, '2.0')];
      const own = first.filter((item) => !second.includes(item));
      const before = await contentIn(site.deps.content);
      const tried = await site.run(new CollectContent({}, { ...next(), dryRun: true }));
      expect(tried).toMatchObject({ outcome: 'checked', kept: [] });
      expect(tried.content.map(({ kind, digest }) => `${kind} ${digest}`).sort()).toEqual(own);
      expect(new Set(tried.content.flatMap(({ versions }) => versions))).toEqual(new Set([`${key} 1.0`]));
      expect([await contentIn(site.deps.content), await site.events('collections')]).toEqual([before, []]);

      const asked = next();
      const done = await site.run(new CollectContent({}, asked));
      expect(done).toMatchObject({ outcome: 'collected', content: tried.content, bytes: tried.bytes });
      expect(await contentIn(site.deps.content)).toEqual(second);
      expect((await site.events('collections')).map(({ type }) => type)).toEqual([
        'collection-begun.v1',
        'content-collected.v1',
      ]);
      expect(await site.run(new CollectContent({}, asked))).toEqual(done);
      expect(await site.events('collections')).toHaveLength(2);
      await site.caughtUp();
      expect(await site.ask(new ListMissingContent())).toMatchObject([
        { version: '1.0', collected: true, restoredBy: { name: '1.0.tar.gz' } },
      ]);
    });
  });

  it('leaves what an instance needs, and says which', async () => {
    await onSite(async (site) => {
      await withOneWithdrawn(site);
      const { images } = await catalogReader(site.deps).version(key, '1.0');
      const need = { ...contentOfImages(images), because: 'shop runs it' };
      const all = { kept: images.length, of: images.length };
      const deps = { ...site.deps, neededElsewhere: () => Promise.resolve([need]) };
      expect(await collectContent(deps, {}, next())).toMatchObject({
        outcome: 'nothing',
        kept: [
          { template: key, version: '1.0', withdrawn: 'It loses orders.', images: all, because: ['shop runs it'] },
        ],
      });
      const only = contentOfImages(images.slice(0, 1));
      const shared = ['shop runs it', 'depot runs it'].map((because) => ({ ...only, because }));
      const some = { ...site.deps, neededElsewhere: () => Promise.resolve([...shared, ...shared]) };
      expect(await collectContent(some, {}, { ...next(), dryRun: true })).toMatchObject({
        kept: [{ version: '1.0', images: { kept: 1, of: images.length }, because: ['depot runs it', 'shop runs it'] }],
      });
      expect((await collectContent(site.deps, {}, next())).outcome).toBe('collected');
    });
  });

  it('takes exported packages of withdrawn versions, and old ones', async () => {
    await onSite(async (site) => {
      await imported(site, '1.0.tar.gz');
      await imported(site, '2.0.tar.gz');
      const ids = [];
      for (const version of ['1.0', '2.0']) {
        const asked = new RequestExport({ template: key, version, format: 'waybill' }, next());
        const { export: id } = await site.run(asked);
        await site.exporting.whenAtRest(id);
        ids.push(id);
      }
      await withdraw(site, '1.0');
      const first = await site.run(new CollectContent({}, next()));
      expect(first.exports.map(({ id, because }) => [id, because])).toEqual([[ids[0], `${key} 1.0 was withdrawn`]]);
      expect((await site.ask(new GetExport(ids[0] ?? ''))).state).toBe('removed');
      await site.ask(new FindExportedPackage(ids[1] ?? ''));
      const later = { ...site.deps.clock, now: () => new Date(Date.now() + 31 * 86_400_000).toISOString() };
      const second = await collectContent({ ...site.deps, clock: later }, {}, next());
      expect(second).toMatchObject({ outcome: 'collected', exports: [{ id: ids[1] }], content: [] });
    });
  });

  it('counts what equal packages take on disk once, and when the last of them goes', async () => {
    await onSite(async (site) => {
      await imported(site, '1.0.tar.gz');
      const ids: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        const { export: id } = await site.run(
          new RequestExport({ template: key, version: '1.0', format: 'waybill' }, next()),
        );
        await site.exporting.whenAtRest(id);
        ids.push(id);
      }
      const { file } = await site.ask(new GetExport(ids[0] ?? ''));
      await withdraw(site, '1.0');
      const { exports } = await site.run(new CollectContent({}, { ...next(), dryRun: true }));
      expect(exports.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(exports.map(({ size }) => size).sort((a, b) => a - b)).toEqual([0, 0, file?.size]);
    });
  });

  it('is one server’s at a time', async () => {
    await onSite(async (site) => {
      await withOneWithdrawn(site);
      const neighbour = site.neighbour('server-b');
      const claim = await neighbour.claims.acquire('collection');
      await expect(site.run(new CollectContent({}, next()))).rejects.toEqual(failure('claim-held'));
      await claim.release();
      expect((await site.run(new CollectContent({}, next()))).outcome).toBe('collected');
    });
  });
});

/** Does something at the n-th step of a collection: before it (`n` odd), or after it. */
function meanwhile(n: number, work: () => Promise<void>): ServerOptions {
  let steps = 0;
  const passing = async <T>(step: () => Promise<T>): Promise<T> => {
    steps += 2;
    if (steps - 1 === n) await work();
    const result = await step();
    if (steps === n) await work();
    return result;
  };
  return {
    content: (real: ContentStore) => ({
      ...real,
      aside: {
        put: (item) => passing(() => real.aside.put(item)),
        bringBack: (item) => passing(() => real.aside.bringBack(item)),
        remove: (item) => passing(() => real.aside.remove(item)),
        list: () => passing(() => real.aside.list()),
      },
    }),
  };
}

/** All steps in a deep run, else a sample of them. */
const isDeep = process.env['WAYBILL_TEST_DEEP'] === '1';
const step = isDeep ? 1 : 7;
const first = isDeep ? 1 : 1 + (process.pid % step);

describe('a collection that is not alone', () => {
  it('ends after a kill at any step, having taken all that it said and nothing else', async () => {
    let killed = 0;
    for (let n = first; ; n += step) {
      const fresh = await freshDisk();
      const before = disk;
      disk = fresh;
      for (const version of ['1.0', '2.0'] as const)
        await copyFile(fixture(version), join(disk.packages, `${version}.tar.gz`));
      const died = await onSite(
        async (site) => {
          await withOneWithdrawn(site);
          return site.run(new CollectContent({}, next())).then(
            () => false,
            () => true,
          );
        },
        meanwhile(n, () =>
          Promise.reject(new WaybillError('store-unavailable', { reason: 'this server was killed.' })),
        ),
      );
      await onSite(async (site) => {
        await expect.poll(async () => (await site.events('collections')).length).toBe(2);
        expect(await contentIn(site.deps.content), `killed at ${String(n)}`).toEqual(await contentOf(site, '2.0'));
        expect(await site.deps.content.aside.list()).toEqual([]);
        expect((await site.events('collections')).map(({ type }) => type)).toEqual([
          'collection-begun.v1',
          'content-collected.v1',
        ]);
      });
      await fresh.remove();
      disk = before;
      if (!died) break;
      killed += 1;
    }
    expect(killed).toBeGreaterThan(isDeep ? 6 : 0);
  });

  const ways: Readonly<Record<string, (site: Site) => Promise<unknown>>> = {
    'an import': (site) => imported(site, 'another.tar.gz'),
    'a publication': async (site) => {
      const { metadata, images } = await unpack('1.0');
      const path = join(disk.packages, 'images.tar');
      await writeFile(path, images);
      const source = {
        format: 'ram',
        metadata: Buffer.from(JSON.stringify({ ...metadata, group_key: 'other' })),
      } as const;
      await site.run(new PublishVersion({ source, images: [{ kind: 'path', path }] }, next()));
    },
  };

  it.each(Object.keys(ways))('takes nothing from %s that comes at any of its steps', async (way) => {
    for (let n = first, last = false; !last; n += step) {
      const [fresh, before] = [await freshDisk(), disk];
      disk = fresh;
      for (const version of ['1.0', '2.0'] as const)
        await copyFile(fixture(version), join(disk.packages, `${version}.tar.gz`));
      await another();
      let came = false;
      await onSite(
        async (site) => {
          running = site;
          await withOneWithdrawn(site);
          await site.run(new CollectContent({}, next()));
          await site.caughtUp();
          const missing = await site.ask(new ListMissingContent());
          if (came) expect(missing, `at ${String(n)}`).toEqual([]);
        },
        meanwhile(n, async () => {
          came = true;
          await ways[way]?.(running);
        }),
      );
      last = !came;
      await fresh.remove();
      disk = before;
    }
  });

  it('takes nothing from a publication whose event is about to be written', async () => {
    let collected = 0;
    const store = (real: EventStore): EventStore => ({
      identity: real.identity,
      read: (...call) => real.read(...call),
      readAll: (...call) => real.readAll(...call),
      subscribe: (options) => real.subscribe(options),
      head: () => real.head(),
      close: () => real.close(),
      async append(stream, expected, events) {
        if (stream === 'template-other') {
          // Its layers are those of a withdrawn version, and the log does not speak of it yet.
          const { content } = await running.run(new CollectContent({}, next()));
          collected += content.length;
        }
        return real.append(stream, expected, events);
      },
    });
    await onSite(
      async (site) => {
        running = site;
        await withOneWithdrawn(site);
        await ways['a publication']?.(site);
        await site.caughtUp();
        expect(await site.ask(new ListMissingContent())).toEqual([]);
      },
      { store },
    );
    expect(collected).toBeGreaterThan(0);
  });

  it('is ended by the next server that starts', async () => {
    const options = meanwhile(4, () =>
      Promise.reject(new WaybillError('store-unavailable', { reason: 'this server was killed.' })),
    );
    await onSite(async (site) => {
      await withOneWithdrawn(site);
      await expect(site.run(new CollectContent({}, next()))).rejects.toEqual(failure('store-unavailable'));
    }, options);
    await onSite(async (site) => {
      await expect.poll(async () => (await site.events('collections')).length).toBe(2);
      expect(await contentIn(site.deps.content)).toEqual(await contentOf(site, '2.0'));
    });
  });
});

let running: Site;
