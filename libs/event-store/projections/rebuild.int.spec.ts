import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { derivedId, type EventId } from '@waybill/kernel';
import { temporaryStore, type TemporaryStore } from '../testing/index.js';
import type { Projection } from './projection.js';
import { readModels, type ReadModels } from './readModels.js';
import type { RebuildProgress } from './rebuiltFile.js';

let temporary: TemporaryStore;
let file: string;
const opened: ReadModels[] = [];
beforeEach(async () => {
  temporary = await temporaryStore();
  file = join(temporary.folder, 'read.db');
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await temporary.remove();
});

/** Lists what it saw; `word` stands for code that changed without a new version. */
const birds = (word: () => string = () => 'seen'): Projection => ({
  name: 'birds',
  version: 1,
  filter: { prefixes: ['bird-'] },
  init: (db) => db.exec('CREATE TABLE birds_seen (n INTEGER PRIMARY KEY, stream TEXT, note TEXT)'),
  apply: (db, event) => db.run('INSERT INTO birds_seen (stream, note) VALUES (?, ?)', event.stream, word()),
});

async function started(...projections: readonly Projection[]): Promise<ReadModels> {
  const models = await readModels({ file, store: temporary.store, projections, retryDelayMs: 1 });
  opened.push(models);
  await models.start();
  return models;
}

let appended = 0;
const append = async (count: number) =>
  (
    await temporary.store.append(
      'bird-1',
      'any',
      Array.from({ length: count }, () => ({
        id: derivedId('rebuild', String((appended += 1))) as EventId,
        type: 'flew',
        data: {},
        metadata: {},
      })),
    )
  ).position;

const notes = (models: Pick<ReadModels, 'db'>) =>
  models.db
    .all<{ note: string; count: number }>('SELECT note, count(*) AS count FROM birds_seen GROUP BY note')
    .map(({ note, count }) => `${count} ${note}`);

describe('a rebuild of the read models', () => {
  it('serves the old ones to the end, then the new ones, under the same object', async () => {
    await append(2_000);
    let word = 'old';
    const models = await started(birds(() => word));
    const { db } = models;
    word = 'new';
    const told: RebuildProgress[] = [];
    const seen = new Set<string>();
    await models.rebuild((progress) => {
      told.push(progress);
      notes({ db }).forEach((note) => seen.add(note));
    });
    expect([...seen]).toStrictEqual(['2000 old']);
    expect(notes({ db })).toStrictEqual(['2000 new']);
    expect(told[0]).toStrictEqual({ position: -1n, head: 1999n });
    expect(told.at(-1)).toStrictEqual({ position: 1999n, head: 1999n });
  });

  it('goes on following, and wakes those who wait', async () => {
    await append(10);
    const models = await started(birds());
    await models.rebuild();
    await models.whenProcessed(await append(5));
    expect(notes(models)).toStrictEqual(['15 seen']);
  });

  it('misses nothing of what is written meanwhile, and answers those who wait for it', async () => {
    await append(3_000);
    const models = await started(birds());
    const rebuilding = models.rebuild();
    for (let i = 0; i < 20; i += 1) await models.whenProcessed(await append(10));
    await rebuilding;
    await models.whenProcessed(await temporary.store.head());
    expect(notes(models)).toStrictEqual(['3200 seen']);
  });

  it('is found after a restart, any number of times, and leaves one file behind', async () => {
    await append(3);
    let word = '0';
    const projection = birds(() => word);
    for (const round of ['1', '2', '3']) {
      const models = await started(projection);
      word = round;
      await models.rebuild();
      await models.close();
      const again = await started(projection);
      expect(notes(again)).toStrictEqual([`3 ${round}`]);
      await again.close();
      const files = readdirSync(temporary.folder).filter((name) => /^read\.db(\.rebuilt)?$/.test(name));
      expect(files).toContain(round === '2' ? 'read.db' : 'read.db.rebuilt');
    }
  });

  it('carries out one rebuild when two are asked for', async () => {
    await append(5);
    let applied = 0;
    const models = await started(birds(() => String((applied += 1))));
    await Promise.all([models.rebuild(), models.rebuild()]);
    expect(applied).toBe(10);
  });

  it('leaves the old ones in place when a projection fails', async () => {
    await append(5);
    let broken = false;
    const models = await started(
      birds(() => {
        if (broken) throw new Error('broken');
        return 'old';
      }),
    );
    broken = true;
    await expect(models.rebuild()).rejects.toThrow(
      'the projection birds failed: birds cannot take in event 0 of bird-1',
    );
    broken = false;
    expect(notes(models)).toStrictEqual(['5 old']);
    await models.whenProcessed(await append(1));
    expect(notes(models)).toStrictEqual(['6 old']);
    expect(existsSync(`${file}.rebuilt`)).toBe(false);
  });

  it('ends with the read models, which open again as they were', async () => {
    await append(2_000);
    let word = 'old';
    const models = await started(birds(() => word));
    word = 'new';
    const rebuilding = models.rebuild().catch((error: unknown) => error);
    await models.close();
    expect(await rebuilding).toMatchObject({ code: 'store-unavailable' });
    await expect(models.rebuild()).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(notes(await started(birds(() => word)))).toStrictEqual(['2000 old']);
  });
});
