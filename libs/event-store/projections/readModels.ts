import { WaybillError } from '@waybill/kernel';
import type { EventStore } from '../eventStore.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';
import { followedFile, type FollowedFile } from './followedFile.js';
import type { Projection, ProjectionStatus } from './projection.js';
import { lockReadModels, openReadModelFile, readModelPlaces, removeReadModelFile } from './readModelFile.js';
import { rebuiltFile, type RebuildProgress } from './rebuiltFile.js';
import { waiters } from './waiters.js';

/** Projections kept up with the log, in one SQLite file. */
export interface ReadModels {
  /** For reading only; after a rebuild it is the new file, under the same object. */
  readonly db: SqlDatabase;
  /**
   * Begins to follow the log; resolves when everything that was in it at the call has been taken in. What has taken in more than there is,
   * because the log was restored from a backup, is made anew.
   */
  start(): Promise<void>;
  /**
   * Resolves when every projection that has not failed has taken in all up to that position.
   * @param options.timeoutMs default 5000
   * @throws WaybillError `not-caught-up`; `store-unavailable` when closed meanwhile
   */
  whenProcessed(position: bigint, options?: { readonly timeoutMs?: number }): Promise<void>;
  /**
   * Makes every projection anew from the whole log, in a second file; the present ones serve and follow until the new ones are as far, and are
   * then replaced between two reads. Called again meanwhile it answers the rebuild at work.
   * @throws Error when a projection fails, WaybillError `store-unavailable` when closed meanwhile, `disk-full`; the present ones then stay
   */
  rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<void>;
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
  const unlock = lockReadModels(options.file);
  const waiting = waiters();
  const closing = new AbortController();
  let places = readModelPlaces(options.file);
  let rebuilding: Promise<void> | undefined;

  const opened = (file: string): FollowedFile => {
    const followed: FollowedFile = followedFile({
      db: openReadModelFile(file, store.identity),
      store,
      projections,
      onError,
      retryDelayMs,
      onMoved: (reached) => {
        if (followed === current) waiting.tell(reached);
      },
    });
    return followed;
  };
  let current: FollowedFile = openedOrUnlocked();

  function openedOrUnlocked(): FollowedFile {
    try {
      // What a rebuild that was interrupted left behind.
      removeReadModelFile(places.other);
      return opened(places.current);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** They know more than the log, which was restored from a backup: what they hold of it may never have happened. */
  async function beginAnew(): Promise<void> {
    await current.close();
    removeReadModelFile(places.current);
    current = opened(places.current);
  }

  async function rebuild(onProgress: (progress: RebuildProgress) => void): Promise<void> {
    removeReadModelFile(places.other);
    const next = opened(places.other);
    const { signal } = closing;
    try {
      await rebuiltFile(next, { store, signal, onProgress, reached: () => current.reached() });
      // From here on nothing is awaited before the swap, so no read sees anything but the one or the other.
      places = places.swapped();
    } catch (error) {
      await next.close();
      removeReadModelFile(places.other);
      throw error;
    }
    const former = current;
    current = next;
    waiting.tell(current.reached());
    await former.close();
    removeReadModelFile(places.other);
  }

  async function whenProcessed(position: bigint, timeoutMs: number | undefined): Promise<void> {
    if (closing.signal.aborted) throw closed();
    const outcome = await waiting.until(position, current.reached(), timeoutMs);
    if (outcome === 'closed') throw closed();
    if (outcome === 'late')
      throw new WaybillError('not-caught-up', {
        waited: timeoutMs,
        lag: String(position - (current.reached() ?? position)),
      });
  }

  return {
    db: delegating(() => current.db),
    async start() {
      const head = await store.head();
      if (current.status().some(({ position }) => position > head)) await beginAnew();
      current.follow();
      await whenProcessed(head, undefined);
    },
    whenProcessed: (position, { timeoutMs = 5_000 } = {}) => whenProcessed(position, timeoutMs),
    rebuild(onProgress = () => undefined) {
      if (closing.signal.aborted) return Promise.reject(closed());
      rebuilding ??= rebuild(onProgress).finally(() => (rebuilding = undefined));
      return rebuilding;
    },
    status: () => current.status(),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort(closed());
      waiting.close();
      // Its caller hears of its end.
      await rebuilding?.catch(() => undefined);
      try {
        await current.close();
      } finally {
        unlock();
      }
    },
  };
}

/** One object for whatever file is current. */
const delegating = (db: () => SqlDatabase): SqlDatabase => ({
  exec: (sql) => db().exec(sql),
  run: (sql, ...values) => db().run(sql, ...values),
  get: (sql, ...values) => db().get(sql, ...values),
  all: (sql, ...values) => db().all(sql, ...values),
  transaction: (work) => db().transaction(work),
  close: () => db().close(),
});

const closed = () => new WaybillError('store-unavailable', { reason: 'the read models were closed.' });

/** A table belongs to the projection whose name and an underscore it begins with, so no name may begin another in that way. */
function mustBeDistinct(projections: readonly Projection[]): void {
  const names = projections.map(({ name }) => name);
  const wrong = names.find((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name) || name === 'readmodels' || name === 'sqlite');
  if (wrong !== undefined) throw new TypeError(`"${wrong}" cannot name a projection: letters and digits are expected`);
  if (new Set(names).size < names.length) throw new TypeError('two projections have the same name');
}
