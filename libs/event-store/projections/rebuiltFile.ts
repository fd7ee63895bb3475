import { setTimeout as delay } from 'node:timers/promises';
import type { EventStore } from '../eventStore.js';
import type { FollowedFile } from './followedFile.js';

/** How far a rebuild is. */
export interface RebuildProgress {
  /** Everything up to this position of the log is in the new tables. */
  readonly position: bigint;
  /** Where the log ended when the rebuild began. */
  readonly head: bigint;
}

interface Options {
  readonly store: Pick<EventStore, 'head'>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: RebuildProgress) => void;
  /** How far the read models are that serve meanwhile. */
  readonly reached: () => bigint | undefined;
}

/** Milliseconds between two looks. */
const LOOK = 20;

/**
 * Resolves when the new file holds all that was in the log, and no less than the one that serves.
 * @throws Error of a projection that failed; the signal's reason
 */
export async function rebuiltFile(next: FollowedFile, { store, signal, onProgress, reached }: Options): Promise<void> {
  const head = await store.head();
  next.follow();
  for (;;) {
    signal.throwIfAborted();
    const failed = next.status().find((status) => status.failed !== undefined);
    if (failed !== undefined) throw new Error(`the projection ${failed.name} failed: ${failed.failed ?? ''}`);
    const position = next.reached();
    onProgress({ position: position ?? head, head });
    if (position === undefined || (position >= head && position >= (reached() ?? position))) return;
    await delay(LOOK, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
