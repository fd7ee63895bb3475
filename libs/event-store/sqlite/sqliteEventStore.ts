import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomIds, WaybillError, withFailpoints, type IdSource } from '@waybill/kernel';
import { appendPoint, checkedAppend } from '../checkedAppend.js';
import type { StoredEvent } from '../event.js';
import type { EventStore, StoreFinding, StreamFilter, SubscriptionMessage } from '../eventStore.js';
import { headOf } from './appendEvents.js';
import { groupCommit } from './groupCommit.js';
import { openLogFile } from './logFile.js';
import { lastRevision, logPage, streamPage, type Page } from './logPages.js';
import { logSignal } from './logSignal.js';
import type { SqlDatabase } from './sqlDatabase.js';

export interface SqliteEventStoreOptions {
  /** The one file that holds the log; beside it stand SQLite's `-wal` and `-shm` while it is open, and an empty `-lock`. Made when missing, with its folder. */
  readonly file: string;
  /** Milliseconds to wait for another process to let go of the file; default 500. */
  readonly lockWait?: number;
  /** Names a new log; random by default. */
  readonly ids?: IdSource;
}

const LOCK_WAIT_MS = 500;

/**
 * The embedded event store: one SQLite file, for one process at a time. An acknowledged append is on the disk.
 * Positions are 0, 1, 2, … without gaps.
 * @throws WaybillError `store-locked` while another process, or this one, has it open; `store-damaged`; `store-unavailable`; `disk-full`
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const { file, lockWait = LOCK_WAIT_MS, ids = randomIds } = options;
  const log = await openLogFile(file, lockWait, ids);
  const { db, identity } = log;
  const signal = logSignal();
  const commits = groupCommit(log, () => signal.grown());
  let closed = false;

  const ensureOpen = () => {
    if (closed) throw new WaybillError('store-unavailable', { reason: `${file} was closed` });
  };
  const end = (): number => {
    ensureOpen();
    return headOf(db);
  };
  const page = (after: number, to: number, filter: StreamFilter | undefined) => {
    ensureOpen();
    return logPage(db, file, after, to, filter);
  };

  async function* subscribe(
    after: number,
    filter: StreamFilter | undefined,
    abort: AbortSignal,
  ): AsyncGenerator<SubscriptionMessage> {
    let at = after;
    let toldEnd: number | undefined;
    while (!abort.aborted) {
      const head = end();
      if (at < head) {
        const { events, upTo } = page(at, head, filter);
        for (const event of events) {
          yield { kind: 'event', event };
          // The consumer may have aborted while it had the event.
          if (isAborted(abort)) return;
        }
        at = upTo;
        await nextTurn();
      } else if (toldEnd !== head) {
        toldEnd = head;
        yield { kind: 'caught-up', position: BigInt(head) };
      } else {
        // Nothing was awaited since the end was read, so no growth can have been missed.
        await signal.next(abort);
      }
    }
  }

  return {
    identity,
    keepsOrder: true,
    async append(stream, expected, events) {
      ensureOpen();
      const request = { stream, expected, events: checkedAppend(stream, events) };
      return withFailpoints(appendPoint(events), () => commits.append(request));
    },
    read(stream, from) {
      const last = () => {
        ensureOpen();
        return lastRevision(db, stream);
      };
      return pages(place(from), last, (after, to) => {
        ensureOpen();
        return streamPage(db, file, stream, after, to);
      });
    },
    readAll: (after, filter) => pages(place(after), end, (at, to) => page(at, to, filter)),
    subscribe: ({ after, filter, signal: abort }) => subscribe(place(after), filter, abort),
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
    async inspect() {
      ensureOpen();
      return { product: 'embedded store', findings: damagesOf(db) };
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    async head() {
      return BigInt(end());
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    async close() {
      if (closed) return;
      commits.flush();
      closed = true;
      db.close();
      signal.grown();
    },
  };
}

/** One page after another up to the end as it is at the first pull; other work gets its turn between two pages. */
async function* pages(
  after: number,
  end: () => number,
  next: (after: number, end: number) => Page,
): AsyncGenerator<StoredEvent> {
  const last = end();
  let at = after;
  while (at < last) {
    const { events, upTo } = next(at, last);
    yield* events;
    at = upTo;
    if (at < last) await nextTurn();
  }
}

/** SQLite's own check of the file's structure. */
const damagesOf = (db: SqlDatabase): readonly StoreFinding[] =>
  db
    .all<{ quick_check: string }>('PRAGMA quick_check')
    .filter(({ quick_check: found }) => found !== 'ok')
    .map(({ quick_check: problem }) => ({ problem }));

/** Places are far below 2^53; whatever is above comes after everything, whatever is negative before. */
function place(exclusive: bigint | undefined): number {
  if (exclusive === undefined || exclusive < 0n) return -1;
  return exclusive > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(exclusive);
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
