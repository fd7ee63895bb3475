import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { derivedId, fixedClock, type CanonicalValue, type EventId } from '@waybill/kernel';
import type { DomainEvent } from './event.js';
import { eventDigest } from './eventDigest.js';
import { eventMetadata, writeMetadata } from './eventMetadata.js';
import type { EventStore } from './eventStore.js';
import { serde } from './serde.js';
import { openSqliteEventStore } from './sqlite/sqliteEventStore.js';
import { someContext } from './testing/index.js';

type Event = DomainEvent<'noted', CanonicalValue>;
const events = serde<Event>({ noted: { version: 1 } });

const text = fc.string({ unit: 'binary', maxLength: 20 });
const canonical = fc.letrec<{ value: CanonicalValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger().map((n) => n + 0),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(text, tie('value'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).value;

describe('the bytes of an event', () => {
  let folder: string;
  let store: EventStore;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-bytes-'));
    store = await openSqliteEventStore({ file: join(folder, 'events.db') });
  });
  afterAll(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const metadata = writeMetadata(eventMetadata(someContext('a'), fixedClock()));
  let streams = 0;
  const throughTheLog = async (data: CanonicalValue | Uint8Array, type = 'noted.v1') => {
    const stream = `notes-${++streams}`;
    const id = derivedId('test', stream) as EventId;
    await store.append(stream, 'no_stream', [{ id, type, data, metadata }]);
    for await (const stored of store.read(stream)) return stored;
    throw new Error('nothing was written');
  };

  it('mean the same after the log as before it, and have the same digest', async () => {
    await fc.assert(
      fc.asyncProperty(canonical, async (data) => {
        const event: Event = { type: 'noted', data };
        const encoded = events.encode(event);
        const stored = await throughTheLog(encoded.data);
        expect(events.decode(stored)).toStrictEqual(event);
        expect(eventDigest(stored.data)).toBe(eventDigest(data));
        expect(eventDigest(stored.metadata)).toBe(eventDigest(metadata));
      }),
      { numRuns: 300 },
    );
  });

  it('are the very bytes where an event holds bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const stored = await throughTheLog(bytes, 'bytes.v1');
        expect(stored.data).toStrictEqual(bytes);
        expect(eventDigest(stored.data)).toBe(eventDigest(bytes));
      }),
      { numRuns: 100 },
    );
  });
});
