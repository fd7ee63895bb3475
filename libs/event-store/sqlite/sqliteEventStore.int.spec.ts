import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StoredEvent } from '../event.js';
import { collect, failureOf, newEvents } from '../testing/contract/storeUnderTest.js';
import { openSqliteEventStore } from './sqliteEventStore.js';

interface Acknowledged {
  readonly stream: string;
  readonly revision: string;
  readonly ids: readonly string[];
}

const LIBRARY = dirname(import.meta.dirname);
const SCRIPT = join(LIBRARY, 'testing', 'storeProcess.mjs');

describe('the event store of a process that is killed', () => {
  let folder: string;
  let file: string;
  const children: ChildProcessWithoutNullStreams[] = [];

  // The other process is a plain Node, so it needs the compiled code; this does nothing when that is up to date.
  beforeAll(async () => {
    const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    await promisify(execFile)(process.execPath, [compiler, '-b', join(LIBRARY, 'tsconfig.build.json')]);
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-crash-'));
    file = join(folder, 'events.db');
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  const start = (task: 'write' | 'hold' | 'try', round = 0) => {
    const child = spawn(process.execPath, [SCRIPT, task, file, String(round)]);
    children.push(child);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stderr.pipe(process.stderr);
    const line = async (): Promise<unknown> => {
      const next = await lines.next();
      return next.done === true ? undefined : JSON.parse(next.value);
    };
    const ended = once(child, 'exit');
    const kill = async () => {
      child.kill('SIGKILL');
      await ended;
    };
    return { child, line, kill };
  };

  /** Lets a process write, kills it after so many answers, and gives every answer it got out. */
  const killedAfter = async (answers: number, round: number): Promise<readonly Acknowledged[]> => {
    const { line, kill } = start('write', round);
    expect(await line()).toMatchObject({ opened: expect.any(String) as string });
    const got: Acknowledged[] = [];
    const next = async () => {
      const answer = await line();
      if (answer !== undefined) got.push(answer as Acknowledged);
      return answer !== undefined;
    };
    while (got.length < answers) expect(await next()).toBe(true);
    const killed = kill();
    while (await next());
    await killed;
    return got;
  };

  it('has all that was acknowledged, once and in order, after kill upon kill', async () => {
    const random = seeded(20_261_121);
    const acknowledged: Acknowledged[] = [];
    const identities = new Set<string>();
    for (let round = 1; round <= 8; round++) {
      acknowledged.push(...(await killedAfter(1 + Math.floor(random() * 900), round)));
      const store = await openSqliteEventStore({ file });
      identities.add(store.identity);
      const log = await collect(store.readAll());
      await store.close();
      expectSound(log);
      expectHolds(log, acknowledged);
    }
    expect(identities.size).toBe(1);
    expect(acknowledged.length).toBeGreaterThan(1000);
  });

  it('answers the repetition of everything that was acknowledged, without writing it again', async () => {
    const acknowledged = await killedAfter(300, 1);
    const store = await openSqliteEventStore({ file });
    const before = await collect(store.readAll());
    const byId = new Map(before.map((event) => [event.id as string, event]));
    const outcomes = await Promise.all(
      acknowledged.map(({ stream, revision, ids }) => {
        const first = BigInt(revision) - BigInt(ids.length);
        return store.append(
          stream,
          first < 0n ? 'no_stream' : first,
          ids.map((id) => byId.get(id)!),
        );
      }),
    );
    const after = await collect(store.readAll());
    await store.close();
    expect(outcomes.map(({ revision, outcome }) => ({ revision: String(revision), outcome }))).toStrictEqual(
      acknowledged.map(({ revision }) => ({ revision, outcome: 'repeated' })),
    );
    expect(after).toStrictEqual(before);
  });

  it('is refused to others while the process lives, and free at once when it is killed', async () => {
    const { line, kill } = start('hold');
    const opened = (await line()) as { opened: string };
    expect(await failureOf(openSqliteEventStore({ file, lockWait: 0 }))).toMatchObject({
      code: 'store-locked',
      details: { file },
    });
    expect(await start('try').line()).toStrictEqual({
      code: 'store-locked',
      message: `The file ${file} is in use by another process; one server at a time may open it.`,
    });
    await kill();
    const store = await openSqliteEventStore({ file, lockWait: 0 });
    await store.close();
    expect(store.identity).toBe(opened.opened);
  });

  it('is handed over to one that waits when it is closed', async () => {
    const { child, line } = start('hold');
    await line();
    const waiting = openSqliteEventStore({ file, lockWait: 30_000 });
    child.stdin.end();
    expect(await line()).toStrictEqual({ closed: true });
    const store = await waiting;
    await store.append('after', 'no_stream', newEvents(1));
    await store.close();
  });

  it('is refused to the process that has it open already, and to others all the same', async () => {
    const store = await openSqliteEventStore({ file });
    expect(await failureOf(openSqliteEventStore({ file, lockWait: 0 }))).toMatchObject({ code: 'store-locked' });
    expect(await start('try').line()).toMatchObject({ code: 'store-locked' });
    await store.append('still', 'no_stream', newEvents(1));
    await store.close();
    expect(await start('try').line()).toStrictEqual({ opened: store.identity });
  });
});

/** No gap in the log or in a stream, no event twice. */
function expectSound(log: readonly StoredEvent[]): void {
  expect(log.map(({ position }) => position)).toStrictEqual(log.map((_, i) => BigInt(i)));
  expect(new Set(log.map(({ id }) => id)).size).toBe(log.length);
  const next = new Map<string, bigint>();
  const gaps = log.filter(({ stream, revision }) => {
    const expected = next.get(stream) ?? 0n;
    next.set(stream, expected + 1n);
    return revision !== expected;
  });
  expect(gaps).toStrictEqual([]);
}

/** Every acknowledged event stands where its writer was told; what a writer did one after the other stands in that order. */
function expectHolds(log: readonly StoredEvent[], acknowledged: readonly Acknowledged[]): void {
  const placeOf = new Map(log.map(({ id, stream, revision }) => [id as string, `${stream}@${String(revision)}`]));
  const wrong = acknowledged.flatMap(({ stream, revision, ids }) =>
    ids
      .map((id, i) => ({ id, told: `${stream}@${String(BigInt(revision) - BigInt(ids.length - 1 - i))}` }))
      .filter(({ id, told }) => placeOf.get(id) !== told),
  );
  expect(wrong).toStrictEqual([]);
  const last = new Map<string, number>();
  const disordered = log.filter(({ stream, data }) => {
    const { round, writer, n, i } = data as { round: string; writer?: number; n: number; i?: number };
    const key = `${stream}/${round}/${String(writer)}`;
    const order = n * 10 + (i ?? 0);
    const isBehind = order <= (last.get(key) ?? -1);
    last.set(key, order);
    return isBehind;
  });
  expect(disordered).toStrictEqual([]);
}

/** A small generator (mulberry32), so that a failing run can be run again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
