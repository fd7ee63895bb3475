import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '@waybill/kernel';
import type { EventStore } from '../eventStore.js';
import {
  collect,
  failureOf,
  follow,
  newEvent,
  newEvents,
  placed,
  untilCaughtUp,
  withoutPosition,
} from '../testing/contract/storeUnderTest.js';
import { openSqlDatabase } from './sqlDatabase.js';
import { openSqliteEventStore } from './sqliteEventStore.js';

describe('the file of the embedded event store', () => {
  let folder: string;
  let file: string;
  let store: EventStore;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-log-'));
    file = join(folder, 'data', 'events.db');
    store = await openSqliteEventStore({ file, ids: countingIds() });
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const reopened = async () => {
    await store.close();
    store = await openSqliteEventStore({ file });
    return store;
  };

  it('is named when it is made, and keeps its name', async () => {
    expect(store.identity).toBe('00000000-0000-4000-8000-000000000001');
    expect((await reopened()).identity).toBe('00000000-0000-4000-8000-000000000001');
  });

  it('is empty at first', async () => {
    expect(await store.head()).toBe(-1n);
    expect(await collect(store.readAll())).toStrictEqual([]);
    const messages: unknown[] = [];
    await follow(store, { prefixes: [''] }, (_, message) => messages.push(message) > 0);
    expect(messages).toStrictEqual([{ kind: 'caught-up', position: -1n }]);
  });

  it('holds everything by itself once it was closed', async () => {
    await store.append('s', 'no_stream', newEvents(3));
    const log = await collect(store.readAll());
    await store.close();
    const copy = join(folder, 'copy.db');
    copyFileSync(file, copy);
    const other = await openSqliteEventStore({ file: copy });
    const copied = await collect(other.readAll());
    await other.close();
    expect(copied).toStrictEqual(log);
  });

  it('counts positions from 0 without gaps, in the order of the calls', async () => {
    const events = newEvents(200);
    const answers = await Promise.all(events.map((event, i) => store.append(`s-${i % 7}`, 'any', [event])));
    expect(answers.map(({ position }) => position)).toStrictEqual(events.map((_, i) => BigInt(i)));
    expect((await collect(store.readAll())).map(({ id }) => id)).toStrictEqual(events.map(({ id }) => id));
    expect(await store.head()).toBe(199n);
  });

  it('recognises a repetition without a revision as well, after a restart too', async () => {
    const events = newEvents(3);
    await store.append('s', 'any', events);
    await store.append('s', 'any', newEvents(1));
    await reopened();
    expect(await store.append('s', 'any', events)).toStrictEqual({ revision: 2n, position: 2n, outcome: 'repeated' });
    expect(await store.append('s', 'stream_exists', events.slice(1))).toMatchObject({
      revision: 2n,
      outcome: 'repeated',
    });
    expect(await failureOf(store.append('s', 'any', [events[0]!, newEvent()]))).toMatchObject({
      code: 'wrong-expected-revision',
      details: { stream: 's', expected: 'any', actual: '3' },
    });
    expect(await store.head()).toBe(3n);
  });

  it('finds what is rare in a long log, page by page', async () => {
    const rare = newEvents(3);
    await store.append('rare-1', 'no_stream', [rare[0]!]);
    for (let i = 0; i < 12; i++) await store.append(`noise-${i}`, 'no_stream', newEvents(2000));
    await store.append('rare-2', 'no_stream', rare.slice(1));
    const filter = { prefixes: ['rare-'] };
    const expected = [...placed('rare-1', 0n, rare.slice(0, 1)), ...placed('rare-2', 0n, rare.slice(1))];
    expect((await collect(store.readAll(undefined, filter))).map(withoutPosition)).toStrictEqual(expected);
    expect((await follow(store, filter, untilCaughtUp)).map(withoutPosition)).toStrictEqual(expected);
  });

  it('lets other work have its turn during a long read', async () => {
    for (let i = 0; i < 5; i++) await store.append(`s-${i}`, 'no_stream', newEvents(2000));
    let turns = 0;
    const turn = setInterval(() => turns++, 0);
    for await (const { position } of store.readAll()) if (position === 9_999n) break;
    clearInterval(turn);
    expect(turns).toBeGreaterThan(3);
  });

  it('refuses a file that is another program’s, and leaves it as it is', async () => {
    const other = join(folder, 'other.db');
    const db = openSqlDatabase(other);
    db.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    db.close();
    expect(await failureOf(openSqliteEventStore({ file: other }))).toMatchObject({
      code: 'store-damaged',
      details: { file: other, reason: 'it is a SQLite file, but no event log of Waybill' },
    });
    const again = openSqlDatabase(other);
    expect(again.all('SELECT name, (SELECT a FROM theirs) AS a FROM sqlite_master')).toStrictEqual([
      { name: 'theirs', a: 1 },
    ]);
    again.close();
  });

  it('refuses a file of a later layout', async () => {
    await store.close();
    const db = openSqlDatabase(file);
    db.exec('PRAGMA user_version = 2');
    db.close();
    expect(await failureOf(openSqliteEventStore({ file }))).toMatchObject({
      code: 'store-damaged',
      details: { file, reason: 'it has the layout 2, this version of Waybill reads 1' },
    });
  });

  it('says that it is damaged when an event in it cannot be read', async () => {
    await store.append('s', 'no_stream', newEvents(3));
    await store.close();
    const db = openSqlDatabase(file);
    db.run("UPDATE events SET json = '{' WHERE position = 1");
    db.close();
    store = await openSqliteEventStore({ file });
    expect(await failureOf(collect(store.read('s')))).toMatchObject({ code: 'store-damaged', details: { file } });
    expect(await failureOf(follow(store, { prefixes: ['s'] }, untilCaughtUp))).toMatchObject({ code: 'store-damaged' });
  });

  it('belongs to the process that opened it last, should the lock be lost', async () => {
    await store.append('s', 'no_stream', newEvents(1));
    for (const name of readdirSync(join(folder, 'data')))
      if (name.endsWith('-lock')) rmSync(join(folder, 'data', name));
    const later = await openSqliteEventStore({ file });
    const refused = await failureOf(store.append('s', 0n, newEvents(1)));
    const { outcome } = await later.append('s', 0n, newEvents(1));
    const length = (await collect(later.read('s'))).length;
    await later.close();
    expect(refused).toMatchObject({ code: 'store-locked', details: { file } });
    expect({ outcome, length }).toStrictEqual({ outcome: 'written', length: 2 });
  });
});
