import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openContentStore } from '@waybill/content-store';
import { childContext } from '@waybill/event-store';
import { progressBoard, systemClock, templateKey } from '@waybill/kernel';
import { ConfirmImport, RequestImport } from './app/commands.js';
import { importProcess } from './app/importProcess.js';
import { importIdOf, importOperation } from './domain/streams.js';
import { catalogReader } from './read/catalogReader.js';
import { deathAtAppend, deathWhileMoving, suspendedAt, type Death } from './testing/dying.js';
import { fixture } from './testing/packages.js';
import { contentIn, context, freshDisk, onSiteOf, type Disk, type ServerOptions, type Site } from './testing/site.js';

const key = templateKey('f3a8c1de5b7c4cb0a8de0c1f6a5b4e77');
const asked = context('import it');
const id = importIdOf(asked.commandId);
const operation = importOperation(id);
let disk: Disk;

beforeEach(async () => {
  disk = await freshDisk();
  await copyFile(fixture('1.0'), join(disk.packages, '1.0.tar.gz'));
});
afterEach(() => disk.remove());

const request = (confirm: boolean) =>
  new RequestImport({ source: { kind: 'path', path: '1.0.tar.gz' }, confirm }, asked);
const types = async (site: Site, stream: string) => (await site.events(stream)).map(({ type }) => type);
const staged = () => readdir(join(disk.content, 'staging'));

const onSite = <Result>(work: (site: Site) => Promise<Result>, options?: ServerOptions): Promise<Result> =>
  onSiteOf(disk, work, options);

/** Asks for the import as a client does that repeats what was not answered, and waits until the server is killed or the import is done. */
const dyingSite = (death: Death) =>
  onSite(async (site) => {
    try {
      await site.run(request(true));
    } catch (error) {
      if (!death.isDead()) throw error;
    }
    await Promise.race([death.came, site.process.whenAtRest(id)]);
  }, death);

const restartedSite = () =>
  onSite(async (site) => {
    await site.run(request(true));
    const view = await site.settled(id);
    expect(view).toMatchObject({
      state: 'completed',
      stored: { layers: 4, bytes: view.inspection?.layers.bytes },
      result: { template: key, version: '1.0', outcome: 'imported' },
    });
    expect(await types(site, operation)).toStrictEqual([
      'import-requested.v1',
      'package-received.v1',
      'package-inspected.v1',
      'import-confirmed.v1',
      'images-stored.v1',
      'import-completed.v1',
    ]);
    expect(await types(site, `template-${key}`)).toStrictEqual(['template-registered.v1', 'version-imported.v2']);
    const reader = catalogReader(site.deps);
    const { manifest } = await reader.version(key, '1.0');
    expect(await reader.missingContent(manifest)).toStrictEqual({ layers: [], blobs: [] });
    expect(await staged()).toStrictEqual([]);
  });

describe('a server that is killed during an import', () => {
  it.each(['before', 'after'] as const)(
    'goes on after a restart and finishes it once, whichever append it was killed %s',
    async (moment) => {
      let killed = 0;
      for (let n = 1; ; n += 1) {
        const death = deathAtAppend(n, moment);
        await dyingSite(death);
        const wasKilled = death.isDead();
        await restartedSite();
        if (!wasKilled) break;
        killed += 1;
        await disk.remove();
        disk = await freshDisk();
        await copyFile(fixture('1.0'), join(disk.packages, '1.0.tar.gz'));
      }
      // Six events of the import, the version, its documents, and the claims at least.
      expect(killed).toBeGreaterThan(12);
    },
  );

  it('finishes moving the layers into the content store, and counts them all', async () => {
    await dyingSite(deathWhileMoving());
    expect(await contentIn(await openContentStore(disk.content))).toHaveLength(1);
    await restartedSite();
  });

  it('goes on by itself, without being asked', async () => {
    await dyingSite(deathAtAppend(4, 'before'));
    await onSite(async (site) => expect((await site.settled(id)).state).toBe('completed'));
  });
});

describe('another server', () => {
  it('takes over what a killed one had begun, and says so', async () => {
    await dyingSite(deathWhileMoving());
    await onSite(
      async (site) => {
        expect(await site.settled(id)).toMatchObject({ state: 'completed', stored: { layers: 4 } });
        expect((await types(site, operation)).slice(-4)).toStrictEqual([
          'import-confirmed.v1',
          'taken-over.v1',
          'images-stored.v1',
          'import-completed.v1',
        ]);
      },
      { runner: 'server-b' },
    );
  });
});

describe('a server that stood still while another took over', () => {
  it.each(['package-inspected.v1', 'images-stored.v1', 'version-imported.v2', 'import-completed.v1'])(
    'does nothing twice when it wakes just before writing %s',
    async (type) => {
      const sleeper = suspendedAt(type);
      await onSite(async (site) => {
        await site.run(request(true));
        await sleeper.suspended;
        const other = importProcess(site.neighbour('server-b'), progressBoard(systemClock));
        other.start(id);
        await other.whenAtRest(id);
        sleeper.wake();
        expect(await site.settled(id)).toMatchObject({ state: 'completed', result: { outcome: 'imported' } });
        expect((await types(site, operation)).filter((each) => each !== 'taken-over.v1')).toStrictEqual([
          'import-requested.v1',
          'package-received.v1',
          'package-inspected.v1',
          'import-confirmed.v1',
          'images-stored.v1',
          'import-completed.v1',
        ]);
        expect(await types(site, `template-${key}`)).toStrictEqual(['template-registered.v1', 'version-imported.v2']);
        expect(await staged()).toStrictEqual([]);
      }, sleeper);
    },
  );
});

describe('a staging area that was lost', () => {
  const inspect = () =>
    onSite(async (site) => {
      await site.run(request(false));
      expect((await site.settled(id)).state).toBe('inspected');
    });
  const confirm = () =>
    onSite(async (site) => {
      await site.run(new ConfirmImport({ import: id }, childContext(asked, 'confirm')));
      return site.settled(id);
    });

  it('is filled again from the package', async () => {
    await inspect();
    await rm(join(disk.content, 'staging'), { recursive: true });
    expect(await confirm()).toMatchObject({ state: 'completed', stored: { layers: 4, blobs: 2 } });
  });

  it('fails the import when the package is another one by now', async () => {
    await inspect();
    await rm(join(disk.content, 'staging'), { recursive: true });
    await copyFile(fixture('2.0'), join(disk.packages, '1.0.tar.gz'));
    expect(await confirm()).toMatchObject({ state: 'failed', failure: { code: 'package-changed' } });
    expect(await staged()).toStrictEqual([]);
    await onSite(async (site) => expect(await contentIn(site.deps.content)).toStrictEqual([]));
  });

  it('is kept over a restart while a person has not decided, so that the package need not be there any more', async () => {
    await inspect();
    await rm(join(disk.packages, '1.0.tar.gz'));
    expect(await confirm()).toMatchObject({ state: 'completed', result: { outcome: 'imported' } });
  });
});

describe('what earlier servers left staged', () => {
  it('is cleared at the start, but for what is still needed and what another server may be at', async () => {
    await onSite(async (site) => {
      await site.run(request(false));
      await site.settled(id);
    });
    const others = ['publish-000000000000-of-another-server', 'something-else'];
    for (const name of ['import-00000000-0000-4000-8000-000000000009', ...others])
      await mkdir(join(disk.content, 'staging', name));
    await onSite(async () => expect(await staged()).toStrictEqual([operation, ...others].sort()));
  });
});
