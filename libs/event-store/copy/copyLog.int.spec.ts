import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { derivedId, fixedClock, sha256, type CanonicalValue, type EventId } from '@waybill/kernel';
import { claims } from '../claims/claims.js';
import { documents } from '../documents.js';
import type { EventToAppend, StoredEvent } from '../event.js';
import type { EventStore } from '../eventStore.js';
import { openSqliteEventStore } from '../sqlite/sqliteEventStore.js';
import { theServer } from '../testing/commands.js';
import { copyLog, type CopyProgress } from './copyLog.js';
import { verifyCopy } from './verifyCopy.js';

let folder: string;
let opened: EventStore[];
const open = async (name: string): Promise<EventStore> => {
  const store = await openSqliteEventStore({ file: join(folder, `${name}.db`) });
  opened.push(store);
  return store;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-copy-'));
  opened = [];
});
afterEach(async () => {
  for (const store of opened) await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const event = (name: string, data: CanonicalValue | Uint8Array = { name }): EventToAppend => ({
  id: derivedId('copy', name) as EventId,
  type: 'noted.v1',
  data,
  metadata: { name, at: '数据库' },
});

const written = async (store: EventStore): Promise<readonly StoredEvent[]> => {
  const found: StoredEvent[] = [];
  for await (const each of store.readAll()) found.push(each);
  return found;
};

/** What was begun as one list of appends: a stream, and the data of what goes into it. */
async function fill(
  store: EventStore,
  appends: readonly { stream: string; data: readonly (CanonicalValue | Uint8Array)[] }[],
) {
  let n = 0;
  for (const { stream, data } of appends)
    await store.append(
      stream,
      'any',
      data.map((each) => event(`${stream}/${(n += 1)}`, each)),
    );
}

const anyAppends = fc.array(
  fc.record({
    stream: fc.constantFrom('instance-1', 'template-a', 'document-0', 'claim-x', '流'),
    data: fc.array(fc.oneof(fc.record({ text: fc.string({ unit: 'grapheme' }) }), fc.uint8Array({ maxLength: 300 })), {
      minLength: 1,
      maxLength: 6,
    }),
  }),
  { maxLength: 25 },
);

describe('a copy of a log', () => {
  it('holds the same events in the same order, however it was stopped before', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(anyAppends, fc.array(fc.nat({ max: 40 }), { maxLength: 3 }), async (appends, stops) => {
        const from = await open(`from-${(round += 1)}`);
        const to = await open(`to-${round}`);
        await fill(from, appends);
        for (const after of stops) await stoppedCopy(from, to, after);
        const copied = await copyLog({ from, to });
        const events = await written(from);
        expect(await written(to)).toStrictEqual(events);
        expect(copied).toStrictEqual({
          events: events.length,
          digest: copied.digest,
          found: events.length - copied.written,
          written: copied.written,
          sourceGrew: false,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('is told to be whole by a repetition, which writes nothing and finds the same digest', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [
      { stream: 'a', data: [1, 2] },
      { stream: 'b', data: [3] },
      { stream: 'a', data: [4] },
    ]);
    const first = await copyLog({ from, to });
    expect(await copyLog({ from, to })).toStrictEqual({ ...first, found: 4, written: 0 });
    expect(await verifyCopy({ from, to })).toStrictEqual({ events: 4, digest: first.digest });
  });

  it('goes on with what was appended to the source later', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [{ stream: 'a', data: [1] }]);
    await copyLog({ from, to });
    await from.append('a', 0n, [event('later')]);
    expect(await copyLog({ from, to })).toMatchObject({ events: 2, found: 1, written: 1 });
    expect(await written(to)).toStrictEqual(await written(from));
  });

  it('says when the source grew meanwhile, and holds it up to where it stood', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [{ stream: 'a', data: [1, 2, 3] }]);
    const meanwhile: Pick<EventStore, 'readAll' | 'append'> = {
      readAll: to.readAll.bind(to),
      append: async (...append) => {
        await from.append('z', 'any', [event('late')]);
        return to.append(...append);
      },
    };
    const copied = await copyLog({ from, to: meanwhile });
    expect(copied).toMatchObject({ events: 3, written: 3, sourceGrew: true });
    expect(await copyLog({ from, to })).toMatchObject({ events: 4, written: 1, sourceGrew: false });
  });

  it('brings documents and claims along, and leaves each store its identity', async () => {
    const [from, to] = [await open('from'), await open('to')];
    const clock = fixedClock();
    const bytes = new Uint8Array(700_000).map((_, i) => i % 251);
    const digest = await documents(from, clock, theServer).put(bytes);
    await (await claims({ store: from, clock, runner: 'r', leaseMs: 60_000, actor: theServer }).acquire('x')).release();
    await copyLog({ from, to });
    expect(sha256(await documents(to, clock, theServer).get(digest))).toBe(digest);
    expect((await written(to)).map(({ stream }) => stream)).toContain('claim-x');
    expect(to.identity).not.toBe(from.identity);
  });

  it('keeps appends within what a store takes when many large events follow each other', async () => {
    const [from, to] = [await open('from'), await open('to')];
    for (let i = 0; i < 12; i += 1) await fillLarge(from, i);
    const sizes: number[] = [];
    const counting: Pick<EventStore, 'readAll' | 'append'> = {
      readAll: to.readAll.bind(to),
      append: (stream, expected, events) => {
        sizes.push(events.length);
        return to.append(stream, expected, events);
      },
    };
    await copyLog({ from, to: counting });
    expect(sizes).toStrictEqual([3, 3, 3, 3]);
  });

  it('tells how far it is, from 0 to 1', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [
      { stream: 'a', data: [1, 2] },
      { stream: 'b', data: [3] },
    ]);
    const told: CopyProgress[] = [];
    await copyLog({ from, to, onProgress: (progress) => told.push(progress) });
    expect(told).toStrictEqual([
      { step: 'copying', events: 3, share: 1 },
      { step: 'verifying', events: 1, share: 0 },
      { step: 'verifying', events: 2, share: 0.5 },
      { step: 'verifying', events: 3, share: 1 },
    ]);
  });
});

describe('a copy is refused', () => {
  it('into a store that holds another log, which is left as it was', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [{ stream: 'a', data: [1, 2] }]);
    await fill(to, [{ stream: 'other', data: [9] }]);
    const before = await written(to);
    await expect(copyLog({ from, to })).rejects.toMatchObject({
      code: 'copy-target-differs',
      details: { index: 0, stream: 'a', revision: '0', reason: 'the target has event 0 of other there' },
    });
    expect(await written(to)).toStrictEqual(before);
  });

  it('into one that holds more than the source, or something else behind the same beginning', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [{ stream: 'a', data: [1] }]);
    await copyLog({ from, to });
    await to.append('a', 0n, [event('foreign')]);
    await expect(copyLog({ from, to })).rejects.toMatchObject({
      code: 'copy-target-differs',
      details: { index: 1, reason: 'the source has no event there' },
    });
    await from.append('a', 0n, [event('own')]);
    await expect(copyLog({ from, to })).rejects.toMatchObject({ code: 'copy-target-differs', details: { index: 1 } });
  });

  it('when an event has the same id and place but other content', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await from.append('a', 'no_stream', [event('x', { text: 'true' })]);
    await to.append('a', 'no_stream', [event('x', { text: 'forged' })]);
    await expect(copyLog({ from, to })).rejects.toMatchObject({
      code: 'copy-target-differs',
      details: { index: 0, reason: 'its content is another one' },
    });
  });

  it('when bytes stand where the source has the JSON of the same bytes', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await from.append('a', 'no_stream', [event('x', { a: 1 })]);
    await to.append('a', 'no_stream', [event('x', Buffer.from('{"a":1}'))]);
    await expect(copyLog({ from, to })).rejects.toMatchObject({ code: 'copy-target-differs' });
  });

  it('when the source misses events, because their revisions could not be kept', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [{ stream: 'a', data: [1, 2, 3] }]);
    async function* truncated(): AsyncGenerator<StoredEvent> {
      for await (const each of from.readAll()) if (each.revision !== 1n) yield each;
    }
    await expect(copyLog({ from: { head: () => from.head(), readAll: truncated }, to })).rejects.toMatchObject({
      code: 'copy-source-incomplete',
      details: { stream: 'a', expected: '1', found: '2' },
    });
  });

  it('when another one writes to the target meanwhile', async () => {
    const [from, to] = [await open('from'), await open('to')];
    await fill(from, [
      { stream: 'a', data: [1] },
      { stream: 'b', data: [2] },
    ]);
    const disturbed: Pick<EventStore, 'readAll' | 'append'> = {
      readAll: to.readAll.bind(to),
      append: async (stream, expected, events) => {
        if (stream === 'b') await to.append('b', 'no_stream', [event('disturbing')]);
        return to.append(stream, expected, events);
      },
    };
    await expect(copyLog({ from, to: disturbed })).rejects.toMatchObject({ code: 'wrong-expected-revision' });
  });
});

/** Copies until so many appends were made, then stops as a kill would: the last append lands, its answer is never seen. */
async function stoppedCopy(from: EventStore, to: EventStore, after: number): Promise<void> {
  let appends = 0;
  const mortal: Pick<EventStore, 'readAll' | 'append'> = {
    readAll: to.readAll.bind(to),
    append: async (...append) => {
      const answer = await to.append(...append);
      if (appends >= after) throw new Error('killed');
      appends += 1;
      return answer;
    },
  };
  try {
    await copyLog({ from, to: mortal });
  } catch (error) {
    expect(String(error)).toBe('Error: killed');
  }
}

const fillLarge = (store: EventStore, i: number) =>
  store.append('document-large', i === 0 ? 'no_stream' : BigInt(i - 1), [
    event(`l${i}`, new Uint8Array(300_000).fill(i)),
  ]);
