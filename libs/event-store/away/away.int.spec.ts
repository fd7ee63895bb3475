import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WaybillError, type EventId } from '@waybill/kernel';
import type { EventStore, StoredEvent } from '../index.js';
import { readModels, type ReadModels } from '../projections/readModels.js';
import { manualTime, temporaryStore, type ManualTime, type TemporaryStore } from '../testing/index.js';
import { localCopyProjection } from './localCopy.js';
import { readsWhileAway } from './readsWhileAway.js';
import { storeContact, type Absence, type StoreContact } from './storeContact.js';

let temporary: TemporaryStore;
let time: ManualTime;
/** How the store behaves towards those who ask whether it is there, and those who read. */
let mood: 'there' | 'away' | 'silent';
let store: EventStore;
let contact: StoreContact;
const changes: (Absence | undefined)[] = [];

const moody = <T>(work: () => Promise<T>): Promise<T> => {
  if (mood === 'there') return work();
  if (mood === 'silent') return new Promise(() => undefined);
  return Promise.reject(new WaybillError('store-unavailable', { reason: 'it is away.' }));
};

beforeEach(async () => {
  temporary = await temporaryStore();
  time = manualTime();
  mood = 'there';
  changes.length = 0;
  const { store: real } = temporary;
  store = {
    ...real,
    head: () => moody(() => real.head()),
    async *read(...request) {
      await moody(() => Promise.resolve());
      yield* real.read(...request);
    },
  };
  contact = storeContact({ store, ...time, onChange: (absence) => changes.push(absence) });
});
afterEach(async () => {
  mood = 'there';
  await contact.close();
  await temporary.remove();
});

const asleep = (ms: number) =>
  vi.waitFor(() => {
    expect(time.sleeping()).toContain(ms);
  });
/** The time until the next question goes by. */
const nextQuestion = async () => {
  await asleep(1_000);
  time.advance(1_000);
};

/** As many slices of waiting for an answer go by, at each of which the store still counts as there. */
const waits = async (slices: number) => {
  for (let slice = 0; slice < slices; slice += 1) {
    await asleep(100);
    expect(contact.absence()).toBe(undefined);
    time.advance(100);
  }
};

describe('the contact with the store', () => {
  it('is lost when an answer is a failure, counts from the last answer, and comes back', async () => {
    await nextQuestion();
    await asleep(1_000);
    mood = 'away';
    const signal = contact.lost();
    await nextQuestion();
    await vi.waitFor(() => {
      expect(signal.aborted).toBe(true);
    });
    await nextQuestion();
    await asleep(1_000);
    expect(contact.absence()).toStrictEqual({ since: '2026-01-01T00:00:01.000Z', seconds: 2 });
    mood = 'there';
    await nextQuestion();
    await vi.waitFor(() => {
      expect(contact.absence()).toBe(undefined);
    });
    expect([contact.lost().aborted, signal.aborted]).toStrictEqual([false, true]);
    expect(changes).toStrictEqual([{ since: '2026-01-01T00:00:01.000Z', seconds: 1 }, undefined]);
  });

  it('is lost when no answer comes', async () => {
    mood = 'silent';
    await nextQuestion();
    await waits(20);
    await vi.waitFor(() => {
      expect(contact.absence()).toStrictEqual({ since: '2026-01-01T00:00:00.000Z', seconds: 3 });
    });
    // It would otherwise wait for the answer that never comes.
    contact = storeContact({ store: temporary.store, ...time });
  });

  it('keeps whoever must write waiting for the store to come back, for five seconds since its last answer', async () => {
    expect(await contact.lastingAbsence()).toBe(undefined);
    const loss = async () => {
      mood = 'away';
      await nextQuestion();
      await asleep(1_000);
      expect(contact.absence()?.seconds).toBe(1);
    };
    await loss();
    const short = contact.lastingAbsence();
    await asleep(4_000);
    mood = 'there';
    await nextQuestion();
    expect(await short).toBe(undefined);

    await loss();
    const lasting = contact.lastingAbsence();
    await asleep(4_000);
    time.advance(4_000);
    expect(await lasting).toStrictEqual({ since: '2026-01-01T00:00:02.000Z', seconds: 5 });
    expect(await contact.lastingAbsence()).toMatchObject({ seconds: 5 });
  });

  it('is kept when it was this process that stood still, and the answer lies there to be read', async () => {
    await contact.close();
    let answer: () => void = () => undefined;
    store = { ...store, head: () => new Promise((resolve) => (answer = () => resolve(0n))) };
    contact = storeContact({ store, ...time, onChange: (absence) => changes.push(absence) });
    await nextQuestion();
    await waits(1);
    await asleep(100);
    time.advance(60_000);
    await asleep(100);
    answer();
    await asleep(1_000);
    expect(changes).toStrictEqual([]);
  });
});

describe('reads while the store is away', () => {
  let models: ReadModels;
  beforeEach(async () => {
    models = await readModels({
      file: `${temporary.folder}/read.db`,
      store: temporary.store,
      projections: [localCopyProjection({ prefixes: ['bird-', 'document-'] })],
    });
    await models.start();
  });
  afterEach(() => models.close());

  const append = async (stream: string, ...data: StoredEvent['data'][]) => {
    const events = data.map((one) => ({
      id: randomUUID() as EventId,
      type: 'seen.v1',
      data: one,
      metadata: { by: 'ünï\u0000' },
    }));
    const { position } = await temporary.store.append(stream, 'no_stream', events);
    await models.whenProcessed(position);
  };
  const read = async (from: Pick<EventStore, 'read'>, stream: string, after?: bigint) => {
    const events: StoredEvent[] = [];
    for await (const event of from.read(stream, after)) events.push(event);
    return events;
  };
  const lose = async () => {
    mood = 'away';
    await nextQuestion();
    await vi.waitFor(() => {
      expect(contact.absence()).toBeDefined();
    });
  };

  it('give the same events as the store did, JSON and bytes', async () => {
    await append('bird-1', { name: 'a', list: [1, null, '\u0000'] }, { name: 'b' });
    await append('document-22', new Uint8Array([0, 255, 7]));
    const before = [await read(store, 'bird-1'), await read(store, 'document-22'), await read(store, 'bird-1', 0n)];
    const reading = readsWhileAway(store, { db: models.db, contact });
    await lose();
    expect([
      await read(reading, 'bird-1'),
      await read(reading, 'document-22'),
      await read(reading, 'bird-1', 0n),
    ]).toStrictEqual(before);
    expect(await read(reading, 'bird-2')).toStrictEqual([]);
  });

  it('do not wait for a store that is lost while it is asked, or fails before anybody has noticed', async () => {
    await append('bird-1', { name: 'a' });
    const reading = readsWhileAway(store, { db: models.db, contact });
    mood = 'away';
    expect(await read(reading, 'bird-1')).toHaveLength(1);
    mood = 'silent';
    const asked = read(reading, 'bird-1');
    mood = 'away';
    await lose();
    expect(await asked).toHaveLength(1);
  });

  it('ask the store when it is there, since the copy may lag', async () => {
    const reading = readsWhileAway(temporary.store, { db: models.db, contact });
    await append('fish-1', { name: 'not copied' });
    expect(await read(reading, 'fish-1')).toHaveLength(1);
  });
});
