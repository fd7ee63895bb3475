import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { progressBoard, systemClock } from '@waybill/kernel';
import { RequestImport } from './app/commands.js';
import { importProcess } from './app/importProcess.js';
import { watchOpenImports } from './app/watchOpenImports.js';
import { GetImport } from './read/queries.js';
import { fixture } from './testing/packages.js';
import { context, freshDisk, openSite, type Disk, type Site } from './testing/site.js';

const LOOK = 20;

describe('imports that another server took in', () => {
  let disk: Disk;
  let site: Site;
  const file = () => join(disk.packages, '1.0.tar.gz');
  beforeEach(async () => {
    disk = await freshDisk();
    await copyFile(fixture('1.0'), file());
    site = await openSite(disk, { carriesOut: false });
  });
  afterEach(async () => {
    await site.close();
    await disk.remove();
  });

  const requested = async (confirm: boolean) => {
    const source = { kind: 'path', path: '1.0.tar.gz' } as const;
    const { import: id } = await site.run(new RequestImport({ source, confirm }, context('import it')));
    await site.caughtUp();
    return id;
  };
  const state = async (id: string) => (await site.ask(new GetImport(id))).state;
  /** Begun so far, by a server that does nothing else. */
  const watched = () => {
    const begun: string[] = [];
    const stop = watchOpenImports(site.deps, (id) => begun.push(id), LOOK);
    return { begun, stop };
  };

  it('stay as they are at a server that carries nothing out, and are carried out by one that does', async () => {
    const id = await requested(true);
    await site.settled(id);
    expect(await state(id)).toBe('reading');
    const neighbour = { ...site.neighbour('server-b'), carriesOut: true };
    const process = importProcess(neighbour, progressBoard(systemClock));
    const stop = watchOpenImports(neighbour, (one) => process.start(one), LOOK);
    await vi.waitFor(async () => expect(await state(id)).toBe('completed'), 10_000);
    stop();
    await process.stop();
  });

  it('are begun once for every state they stand still in', async () => {
    const id = await requested(false);
    const { begun, stop } = watched();
    await vi.waitFor(() => expect(begun).toStrictEqual([id]));
    const other = watched();
    await vi.waitFor(() => expect(other.begun).toStrictEqual([id]));
    stop();
    other.stop();
    expect(begun).toStrictEqual([id]);
  });

  it('are left to servers that see the package', async () => {
    const id = await requested(true);
    await rm(file());
    const { begun, stop } = watched();
    const looks = vi.spyOn(site.deps.store, 'read');
    await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(2));
    expect(begun).toStrictEqual([]);
    await copyFile(fixture('1.0'), file());
    await vi.waitFor(() => expect(begun).toStrictEqual([id]));
    stop();
  });
});
