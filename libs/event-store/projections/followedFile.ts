import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '../eventStore.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';
import { unionOf, type Projection, type ProjectionStatus } from './projection.js';
import { projectionRun } from './projectionRun.js';
import { dropForgotten } from './readModelFile.js';
import { subscriptionBatches, type Batch } from './subscriptionBatches.js';

/** One file of read models, kept up with the log. */
export interface FollowedFile {
  readonly db: SqlDatabase;
  /** Begins to follow the log; calling it again does nothing. */
  follow(): void;
  /** Where the slowest projection is that has not failed; nothing when none is left to wait for. */
  reached(): bigint | undefined;
  status(): readonly ProjectionStatus[];
  /** Stops after the batch at hand and closes the file. */
  close(): Promise<void>;
}

export interface FollowedFileOptions {
  readonly db: SqlDatabase;
  readonly store: EventStore;
  readonly projections: readonly Projection[];
  readonly onError?: ((error: unknown) => void) | undefined;
  readonly retryDelayMs: number;
  /** Called whenever something was taken in. */
  readonly onMoved: (reached: bigint | undefined) => void;
}

const MOST_IN_A_BATCH = 500;
/** Batches after which positions reached without any event of one's own are written down as well. */
const BATCHES_PER_CHECKPOINT = 256;

export function followedFile(options: FollowedFileOptions): FollowedFile {
  const { db, store, projections, onError, retryDelayMs, onMoved } = options;
  dropForgotten(db, projections);
  const runs = projections.map((projection) => projectionRun(db, projection, (error) => onError?.(error)));
  const closing = new AbortController();
  let following: Promise<void> | undefined;
  let batches = 0;

  const live = () => runs.filter((run) => run.status().failed === undefined);
  const reached = () => lowest(live().map((run) => run.status().position));

  function take(batch: Batch): void {
    // One transaction for all of them: what commits cost hardly depends on what is in them.
    const committed = db.transaction(() => live().map((run) => run.take(batch)));
    for (const move of committed) move();
    batches += 1;
    if (batches % BATCHES_PER_CHECKPOINT === 0) save();
    onMoved(reached());
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

  return {
    db,
    follow() {
      following ??= follow();
    },
    reached,
    status: () => runs.map((run) => run.status()),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await following;
      try {
        save();
      } finally {
        db.close();
      }
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}

const lowest = (positions: readonly bigint[]): bigint | undefined =>
  positions.reduce<bigint | undefined>((low, each) => (low === undefined || each < low ? each : low), undefined);
