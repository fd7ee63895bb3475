import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { derivedId, hasCode, type EventId } from '@waybill/kernel';
import type { EventStore } from '../eventStore.js';
import { openSqlDatabase } from '../sqlite/sqlDatabase.js';
import { openSqliteEventStore } from '../sqlite/sqliteEventStore.js';
import { temporaryStore, type TemporaryStore } from '../testing/index.js';
import type { Projection } from './projection.js';
import { readModels, type ReadModels, type ReadModelsOptions } from './readModels.js';

/** Lists the events of the streams that begin with `prefix`, in the order in which they were taken in. */
const listing = (name: string, prefix: string, changes: Partial<Projection> = {}): Projection => ({
  name,
  version: 1,
  filter: { prefixes: [prefix] },
  init: (db) => db.exec(`CREATE TABLE ${name}_seen (n INTEGER PRIMARY KEY, stream TEXT, note)`),
  apply: (db, event) => db.run(`INSERT INTO ${name}_seen (stream, note) VALUES (?, ?)`, event.stream, event.type),
  ...changes,
});
const birds = listing('birds', 'bird-');
const fish = listing('fish', 'fish-');

describe('read models', () => {
  let temporary: TemporaryStore;
  let file: string;
  let opened: ReadModels[];
  beforeEach(async () => {
    temporary = await temporaryStore();
    file = join(temporary.folder, 'read.db');
    opened = [];
  });
  afterEach(async () => {
    for (const each of opened) await each.close();
    await temporary.remove();
  });

  const open = async (projections: readonly Projection[], options: Partial<ReadModelsOptions> = {}) => {
    const models = await readModels({ file, store: temporary.store, projections, retryDelayMs: 1, ...options });
    opened.push(models);
    return models;
  };
  const started = async (...projections: readonly Projection[]) => {
    const models = await open(projections);
    await models.start();
    return models;
  };
  let appended = 0;
  const append = async (stream: string, ...types: readonly string[]) => {
    const events = types.map((type) => ({
      id: derivedId('test', String(++appended)) as EventId,
      type,
      data: {},
      metadata: {},
    }));
    return (await temporary.store.append(stream, 'any', events)).position;
  };
  const seen = (models: ReadModels, name: string) =>
    models.db.all<{ n: number; stream: string; note: string }>(`SELECT * FROM ${name}_seen ORDER BY n`);
  const failure = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('hold everything that was in the log when they started', async () => {
    await append('bird-1', 'hatched', 'flew');
    await append('fish-1', 'spawned');
    await append('bird-2', 'hatched');
    const models = await started(birds, fish);
    expect([seen(models, 'birds'), seen(models, 'fish')]).toStrictEqual([
      [
        { n: 1, stream: 'bird-1', note: 'hatched' },
        { n: 2, stream: 'bird-1', note: 'flew' },
        { n: 3, stream: 'bird-2', note: 'hatched' },
      ],
      [{ n: 1, stream: 'fish-1', note: 'spawned' }],
    ]);
    expect(models.status()).toStrictEqual([
      { name: 'birds', version: 1, position: 3n },
      { name: 'fish', version: 1, position: 3n },
    ]);
  });

  it('start on an empty log, and with no projections at all', async () => {
    const models = await started(birds);
    expect(models.status()).toStrictEqual([{ name: 'birds', version: 1, position: -1n }]);
    const none = await readModels({ file: join(temporary.folder, 'none.db'), store: temporary.store, projections: [] });
    opened.push(none);
    await append('bird-1', 'hatched');
    await none.start();
    await none.whenProcessed(0n);
    expect(none.status()).toStrictEqual([]);
  });

  it('tell when an event written later has been taken in', async () => {
    const models = await started(birds);
    const position = await append('bird-1', 'hatched');
    await models.whenProcessed(position);
    expect(seen(models, 'birds')).toStrictEqual([{ n: 1, stream: 'bird-1', note: 'hatched' }]);
  });

  it('move on past events that concern none of them', async () => {
    const models = await started(birds);
    await append('bird-1', 'hatched');
    const position = await append('stone-1', 'rolled');
    await models.whenProcessed(position);
    expect(models.status()).toStrictEqual([{ name: 'birds', version: 1, position: 1n }]);
  });

  it('say so when they do not catch up in time', async () => {
    const models = await started(birds);
    await append('bird-1', 'hatched');
    const error = await failure(models.whenProcessed(41n, { timeoutMs: 1 }));
    expect(hasCode(error, 'not-caught-up') && error.details['waited']).toBe(1);
  });

  it('take in thousands of events, each once and in order', async () => {
    for (let i = 0; i < 4; i += 1)
      await append('bird-1', ...Array.from({ length: 400 }, (_, n) => `moved-${i * 400 + n}`));
    const models = await started(birds, fish);
    expect(seen(models, 'birds').map(({ note }) => note)).toStrictEqual(
      Array.from({ length: 1600 }, (_, n) => `moved-${n}`),
    );
  });

  it('go on after a restart where they stopped', async () => {
    await append('bird-1', 'hatched');
    const before = await started(birds);
    await append('stone-1', 'rolled');
    await before.whenProcessed(1n);
    await before.close();
    await append('bird-1', 'flew');
    const asked: unknown[] = [];
    const store: EventStore = {
      ...temporary.store,
      subscribe(options) {
        asked.push(options.after);
        return temporary.store.subscribe(options);
      },
    };
    const after = await open([birds], { store });
    expect(after.status()).toStrictEqual([{ name: 'birds', version: 1, position: 1n }]);
    await after.start();
    expect(seen(after, 'birds').map(({ note }) => note)).toStrictEqual(['hatched', 'flew']);
    expect(asked).toStrictEqual([1n]);
  });

  it('are made anew, and alike, when their file is gone', async () => {
    await append('bird-1', 'hatched', 'flew');
    const before = await started(birds);
    const content = seen(before, 'birds');
    await before.close();
    rmSync(file);
    expect(seen(await started(birds), 'birds')).toStrictEqual(content);
  });

  it('are made anew when their version changes, and only then', async () => {
    await append('bird-1', 'hatched');
    await append('fish-1', 'spawned');
    const before = await started(birds, fish);
    before.db.run("UPDATE fish_seen SET note = 'left alone'");
    await before.close();
    await append('fish-1', 'swam');
    const changed = listing('birds', 'bird-', {
      version: 2,
      init: (db) =>
        db.exec(
          'CREATE TABLE birds_seen (n INTEGER PRIMARY KEY, stream TEXT, note); CREATE INDEX birds_x ON birds_seen (note)',
        ),
      apply: (db, event) =>
        db.run('INSERT INTO birds_seen (stream, note) VALUES (?, ?)', event.stream, `v2 ${event.type}`),
    });
    const after = await started(changed, fish);
    expect([...seen(after, 'birds'), ...seen(after, 'fish')]).toStrictEqual([
      { n: 1, stream: 'bird-1', note: 'v2 hatched' },
      { n: 1, stream: 'fish-1', note: 'left alone' },
      { n: 2, stream: 'fish-1', note: 'swam' },
    ]);
  });

  it('leave nothing behind of a projection that is no more', async () => {
    await append('bird-1', 'hatched');
    await (await started(birds, fish)).close();
    const after = await started(fish);
    expect(after.db.all("SELECT name FROM sqlite_master WHERE name LIKE 'birds%'")).toStrictEqual([]);
    expect(after.db.all('SELECT name FROM readmodels_checkpoint')).toStrictEqual([{ name: 'fish' }]);
  });

  it('are made anew when they are of another event store', async () => {
    await append('bird-1', 'hatched');
    await (await started(birds)).close();
    const other = await openSqliteEventStore({ file: join(temporary.folder, 'other.db') });
    const models = await open([birds], { store: other });
    await models.start();
    const content = seen(models, 'birds');
    await models.close();
    await other.close();
    expect(content).toStrictEqual([]);
  });

  it.each([
    ['no database', Buffer.alloc(8192, 7)],
    ['another kind of database', undefined],
  ])('are made anew when their file is %s', async (_, bytes) => {
    await append('bird-1', 'hatched');
    if (bytes !== undefined) writeFileSync(file, bytes);
    else {
      const db = openSqlDatabase(file);
      db.exec('CREATE TABLE birds_seen (other)');
      db.close();
    }
    expect(seen(await started(birds), 'birds')).toStrictEqual([{ n: 1, stream: 'bird-1', note: 'hatched' }]);
  });

  it('are made anew when the log was restored from a backup and is shorter than what they hold', async () => {
    const log = join(temporary.folder, 'events.db');
    const backup = join(temporary.folder, 'backup.db');
    await append('bird-1', 'hatched');
    await temporary.store.close();
    copyFileSync(log, backup);
    const reopened = async () => openSqliteEventStore({ file: log });
    const longer = await reopened();
    await longer.append('bird-1', 0n, [
      { id: derivedId('lost', '1') as EventId, type: 'lost', data: {}, metadata: {} },
    ]);
    const before = await open([birds], { store: longer });
    await before.start();
    expect(seen(before, 'birds').map(({ note }) => note)).toStrictEqual(['hatched', 'lost']);
    await before.close();
    await longer.close();
    copyFileSync(backup, log);
    const restored = await reopened();
    const after = await open([birds], { store: restored });
    await after.start();
    expect(seen(after, 'birds').map(({ note }) => note)).toStrictEqual(['hatched']);
    await after.close();
    await restored.close();
  });

  it('are made anew when some pages of their file were overwritten', async () => {
    const notes = Array.from({ length: 2_000 }, (_, n) => `moved-${n}`);
    await append('bird-1', ...notes);
    const before = await started(birds);
    before.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await before.close();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(7, bytes.length - 8_192));
    expect(seen(await started(birds), 'birds').map(({ note }) => note)).toStrictEqual(notes);
  });

  it('keep other processes out', async () => {
    await started(birds);
    const error = await failure(readModels({ file, store: temporary.store, projections: [birds] }));
    expect(hasCode(error, 'store-locked')).toBe(true);
  });

  it('stop a projection that fails, with nothing half done, while the others go on', async () => {
    const errors: unknown[] = [];
    const refusing = listing('birds', 'bird-', {
      apply(db, event) {
        db.run('INSERT INTO birds_seen (stream, note) VALUES (?, ?)', event.stream, event.type);
        if (event.type === 'crashed') throw new TypeError('no such flight');
      },
    });
    await append('bird-1', 'hatched');
    const models = await open([refusing, fish], { onError: (error) => errors.push(error) });
    await models.start();
    await append('bird-1', 'flew', 'crashed');
    await append('fish-1', 'spawned');
    const position = await append('bird-1', 'flew');
    await models.whenProcessed(position);
    const message = 'birds cannot take in event 2 of bird-1: no such flight';
    expect(models.status()).toStrictEqual([
      { name: 'birds', version: 1, position: 0n, failed: message },
      { name: 'fish', version: 1, position: 4n },
    ]);
    expect([...seen(models, 'birds'), ...seen(models, 'fish')].map(({ note }) => note)).toStrictEqual([
      'hatched',
      'spawned',
    ]);
    expect(errors.map(String)).toStrictEqual([`Error: ${message}`]);
    await models.close();

    const mended = await started(birds, fish);
    expect(seen(mended, 'birds').map(({ note }) => note)).toStrictEqual(['hatched', 'flew', 'crashed', 'flew']);
    expect(seen(mended, 'fish')).toHaveLength(1);
  });

  it('wait for room on a full disk, which is no fault of a projection', async () => {
    const errors: unknown[] = [];
    const heavy = listing('birds', 'bird-', {
      apply: (db, event) => db.run('INSERT INTO birds_seen (stream, note) VALUES (?, zeroblob(100000))', event.stream),
    });
    const models = await open([heavy, fish], { onError: (error) => errors.push(error) });
    await models.start();
    models.db.exec('PRAGMA max_page_count = 16');
    const position = await append('bird-1', 'hatched');
    await vi.waitFor(() => {
      expect(errors.some((error) => hasCode(error, 'disk-full'))).toBe(true);
    });
    expect(models.status().map(({ failed }) => failed)).toStrictEqual([undefined, undefined]);
    models.db.exec('PRAGMA max_page_count = 10000');
    await models.whenProcessed(position);
    expect(models.db.all('SELECT n, length(note) AS size FROM birds_seen')).toStrictEqual([{ n: 1, size: 100_000 }]);
  });

  it('start without a projection whose tables cannot be made', async () => {
    const broken = listing('birds', 'bird-', { init: (db) => db.exec('CREATE TABLE stray (x)') });
    await append('fish-1', 'spawned');
    const models = await started(broken, fish);
    expect(models.status()).toStrictEqual([
      {
        name: 'birds',
        version: 1,
        position: -1n,
        failed: 'the projection birds made stray, which would never be dropped',
      },
      { name: 'fish', version: 1, position: 0n },
    ]);
    expect(models.db.all("SELECT name FROM sqlite_master WHERE name = 'stray'")).toStrictEqual([]);
  });

  it('take the subscription up again when it breaks', async () => {
    const errors: unknown[] = [];
    let subscriptions = 0;
    const breaking: EventStore = {
      ...temporary.store,
      async *subscribe(options) {
        subscriptions += 1;
        for await (const message of temporary.store.subscribe(options)) {
          yield message;
          if (message.kind === 'event' && subscriptions < 3) throw new Error(`break ${subscriptions}`);
        }
      },
    };
    await append('bird-1', 'one', 'two', 'three', 'four');
    const models = await open([birds], { store: breaking, onError: (error) => errors.push(error) });
    await models.start();
    expect(seen(models, 'birds').map(({ note }) => note)).toStrictEqual(['one', 'two', 'three', 'four']);
    expect(errors.map(String)).toStrictEqual(['Error: break 1', 'Error: break 2']);
  });

  it('tell those who wait that they were closed', async () => {
    const models = await started(birds);
    const waiting = failure(models.whenProcessed(99n));
    await models.close();
    const after = await failure(models.whenProcessed(0n));
    expect([hasCode(await waiting, 'store-unavailable'), hasCode(after, 'store-unavailable')]).toStrictEqual([
      true,
      true,
    ]);
  });

  it.each([[['birds', 'birds']], [['bird_s']], [['readmodels']]])('refuse the names %s', async (names) => {
    const error = await failure(open(names.map((name) => listing(name, 'x'))));
    expect(error).toBeInstanceOf(TypeError);
  });
});
