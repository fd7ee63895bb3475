import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { derivedId, type Digest, type EventId } from '@waybill/kernel';
import { startStandIn, type StandIn } from '../../../test/support/eventstoredb/standIn.mjs';
import type { EventToAppend } from '../event.js';
import type { EventStore } from '../eventStore.js';
import { openEventStoreDb } from '../eventstoredb/eventStoreDb.js';
import { openSqliteEventStore } from '../sqlite/sqliteEventStore.js';
import { copiedEventDigest } from './copiedEvent.js';
import { copyLog } from './copyLog.js';
import { verifyCopy } from './verifyCopy.js';

const EVENTS = 10_000;

let folder: string;
let server: StandIn;
const opened: EventStore[] = [];
const embedded = async (name: string) => remembered(await openSqliteEventStore({ file: join(folder, `${name}.db`) }));
const production = async () => remembered(await openEventStoreDb({ connectionString: server.connectionString }));
const remembered = (store: EventStore) => {
  opened.push(store);
  return store;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-copy-'));
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Instances that change settings and roll out, with a document now and then: one to eight events at a time, at exact revisions. */
async function fill(store: EventStore, count: number): Promise<void> {
  const ends = new Map<string, bigint>();
  const appends: Promise<unknown>[] = [];
  for (let n = 0, append = 0; n < count; append += 1) {
    const isDocument = append % 20 === 0;
    const stream = isDocument ? `document-${append}` : `instance-${append % 50}`;
    const events = Array.from({ length: Math.min(count - n, 1 + ((append * 7) % 8)) }, (_, i): EventToAppend => ({
      id: derivedId('between', String(n + i)) as EventId,
      type: isDocument ? 'document-piece.v1' : 'setting-changed.v1',
      data: isDocument
        ? Buffer.alloc(300, n + i)
        : { item: `web/env/N${n + i}`, value: '值'.repeat(20), number: n + i },
      metadata: { commandId: derivedId('command', String(append)), recordedAt: '2026-01-01T00:00:00.000Z' },
    }));
    const end = ends.get(stream) ?? -1n;
    appends.push(store.append(stream, end < 0n ? 'no_stream' : end, events));
    ends.set(stream, end + BigInt(events.length));
    n += events.length;
    if (appends.length >= 500) await Promise.all(appends.splice(0));
  }
  await Promise.all(appends);
}

async function digests(store: EventStore): Promise<readonly Digest[]> {
  const found: Digest[] = [];
  for await (const event of store.readAll()) found.push(copiedEventDigest(event));
  return found;
}

describe('a log carried from the embedded store to EventStoreDB and back', () => {
  it(`has the same digests of all ${EVENTS} events, in the same order`, async () => {
    server = await startStandIn({ folder: mkdtempSync(join(folder, 'server-')) });
    const from = await embedded('from');
    await fill(from, EVENTS);
    const between = await production();
    const there = await copyLog({ from, to: between });
    const back = await embedded('back');
    const again = await copyLog({ from: between, to: back });
    expect(there).toMatchObject({ events: EVENTS, found: 0, written: EVENTS, sourceGrew: false });
    expect(again).toStrictEqual(there);
    const before = await digests(from);
    expect(await digests(between)).toStrictEqual(before);
    expect(await digests(back)).toStrictEqual(before);
  }, 180_000);

  it('is whole after the server was killed again and again meanwhile', async () => {
    server = await startStandIn({ folder: mkdtempSync(join(folder, 'server-')) });
    const from = await embedded('killed');
    await fill(from, 600);
    const to = await production();
    let appends = 0;
    const disturbed: Pick<EventStore, 'readAll' | 'append'> = {
      readAll: to.readAll.bind(to),
      async append(...append) {
        appends += 1;
        const restarting = appends % 40 === 0 ? server.restart() : undefined;
        const answer = await to.append(...append);
        await restarting;
        return answer;
      },
    };
    expect(await copyLog({ from, to: disturbed })).toMatchObject({ events: 600, written: 600 });
    expect(appends).toBeGreaterThan(80);
    expect(await verifyCopy({ from, to })).toMatchObject({ events: 600 });
  });

  it('goes on where a copy before it was stopped', async () => {
    server = await startStandIn({ folder: mkdtempSync(join(folder, 'server-')) });
    const from = await embedded('stopped');
    await fill(from, 400);
    const to = await production();
    const stop = new AbortController();
    const stopped = copyLog({
      from,
      to,
      signal: stop.signal,
      onProgress: ({ step, events }) => {
        if (step === 'copying' && events >= 150) stop.abort(new Error('stopped'));
      },
    });
    await expect(stopped).rejects.toThrow('stopped');
    const copied = await copyLog({ from, to });
    expect(copied).toMatchObject({ events: 400 });
    expect(copied.found).toBeGreaterThanOrEqual(150);
    expect(copied.found).toBeLessThan(170);
  });
});
