import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { WaybillError } from '@waybill/kernel';
import type { EventStore } from '../eventStore.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';
import { unionOf, type Projection, type ProjectionStatus } from './projection.js';
import { projectionRun } from './projectionRun.js';
import { dropForgotten, openReadModelFile } from './readModelFile.js';
import { subscriptionBatches, type Batch } from './subscriptionBatches.js';
import { waiters } from './waiters.js';

/** Projections kept up with the log, in one SQLite file. */
export interface ReadModels {
  /** For reading only. */
  readonly db: SqlDatabase;
  /** Begins to follow the log; resolves when everything that was in it at the call has been taken in. */
  start(): Promise<void>;
  /**
   * Resolves when every projection that has not failed has taken in all up to that position.
   * @param options.timeoutMs default 5000
   * @throws WaybillError `not-caught-up`; `store-unavailable` when closed meanwhile
   */
  whenProcessed(position: bigint, options?: { readonly timeoutMs?: number }): Promise<void>;
  status(): readonly ProjectionStatus[];
  /** Stops after the batch at hand and closes the file. */
  close(): Promise<void>;
}

export interface ReadModelsOptions {
  readonly file: string;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  /** Hears of a projection that failed, and of every interruption of the subscription, which is then taken up again. */
  readonly onError?: (error: unknown) => void;
  /** Between an interruption and the next attempt; default 1000. */
  readonly retryDelayMs?: number;
}

const MOST_IN_A_BATCH = 500;
/** Batches after which positions reached without any event of one's own are written down as well. */
const BATCHES_PER_CHECKPOINT = 256;

/**
 * Opens the file and its projections; those of another version are emptied, to be rebuilt. A file that is damaged or of another event store
 * is replaced. A projection that fails stops alone; its status tells why.
 * @throws WaybillError `store-locked`, `store-unavailable`, `disk-full`; TypeError for names that do not tell tables apart
 */
export function readModels(options: ReadModelsOptions): Promise<ReadModels> {
  return Promise.resolve().then(() => open(options));
}

function open(options: ReadModelsOptions): ReadModels {
  const { store, projections, onError, retryDelayMs = 1_000 } = options;
  mustBeDistinct(projections);
  const db = openReadModelFile(options.file, store.identity);
  dropForgotten(db, projections);
  const runs = projections.map((projection) => projectionRun(db, projection, (error) => onError?.(error)));
  const closing = new AbortController();
  const waiting = waiters();
  let following: Promise<void> | undefined;
  let batches = 0;

  const live = () => runs.filter((run) => run.status().failed === undefined);
  /** Where the slowest projection is; beyond everything when none is left to wait for. */
  const reached = () => lowest(live().map((run) => run.status().position));

  function take(batch: Batch): void {
    for (const run of live()) run.take(batch);
    batches += 1;
    if (batches % BATCHES_PER_CHECKPOINT === 0) save();
    waiting.tell(reached());
  }

  const save = () => db.transaction(() => live().forEach((run) => run.save()));

  async function followOnce(): Promise<void> {
    const leaving = new AbortController();
    const after = reached();
    if (after === undefined) return;
    try {
      const messages = store.subscribe({
        ...(after === -1n ? {} : { after }),
        filter: unionOf(live().map((run) => run.projection)),
        signal: AbortSignal.any([closing.signal, leaving.signal]),
      });
      for await (const batch of subscriptionBatches(messages, MOST_IN_A_BATCH)) {
        take(batch);
        if (finished()) return;
        // A long rebuild must leave room for requests.
        await nextTurn();
      }
    } finally {
      leaving.abort();
    }
  }

  const finished = () => closing.signal.aborted || live().length === 0;

  async function follow(): Promise<void> {
    while (!finished()) {
      try {
        await followOnce();
      } catch (error) {
        if (!finished()) onError?.(error);
      }
      if (!finished()) await delay(retryDelayMs, undefined, { signal: closing.signal }).catch(ignoreAbort);
    }
  }

  async function whenProcessed(position: bigint, timeoutMs: number | undefined): Promise<void> {
    if (closing.signal.aborted) throw closed();
    const outcome = await waiting.until(position, reached(), timeoutMs);
    if (outcome === 'closed') throw closed();
    if (outcome === 'late')
      throw new WaybillError('not-caught-up', {
        waited: timeoutMs,
        lag: String(position - (reached() ?? position)),
      });
  }

  return {
    db,
    async start() {
      const head = await store.head();
      following ??= follow();
      await whenProcessed(head, undefined);
    },
    whenProcessed: (position, { timeoutMs = 5_000 } = {}) => whenProcessed(position, timeoutMs),
    status: () => runs.map((run) => run.status()),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      waiting.close();
      await following;
      try {
        save();
      } finally {
        db.close();
      }
    },
  };
}

const closed = () => new WaybillError('store-unavailable', { reason: 'the read models were closed.' });

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

const lowest = (positions: readonly bigint[]): bigint | undefined =>
  positions.reduce<bigint | undefined>((low, each) => (low === undefined || each < low ? each : low), undefined);

/** A table belongs to the projection whose name and an underscore it begins with, so no name may begin another in that way. */
function mustBeDistinct(projections: readonly Projection[]): void {
  const names = projections.map(({ name }) => name);
  const wrong = names.find((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name) || name === 'readmodels' || name === 'sqlite');
  if (wrong !== undefined) throw new TypeError(`"${wrong}" cannot name a projection: letters and digits are expected`);
  if (new Set(names).size < names.length) throw new TypeError('two projections have the same name');
}
