import { isWaybillError } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';
import { isMeantFor, type Projection, type ProjectionStatus } from './projection.js';
import { readCheckpoint, resetProjection, writeCheckpoint } from './readModelFile.js';
import type { Batch } from './subscriptionBatches.js';

/** One projection at work on its tables. */
export interface ProjectionRun {
  readonly projection: Projection;
  status(): ProjectionStatus;
  /**
   * Takes in what is meant for it and new to it, all or nothing; when it fails it stops where it was. The answer is to be called once the
   * transaction that this was a part of is committed.
   * @throws WaybillError when the file is the reason: the batch may be tried again
   */
  take(batch: Batch): () => void;
  /** Writes down a position that was reached without an event of its own. */
  save(): void;
}

/** Opens the projection where it stopped, or empties it when it is of another version. */
export function projectionRun(
  db: SqlDatabase,
  projection: Projection,
  onFailure: (error: unknown) => void,
): ProjectionRun {
  let failed: string | undefined;
  let position = -1n;
  let saved = -1n;

  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      if (isOfTheFile(error)) throw error;
      failed = error instanceof Error ? error.message : String(error);
      onFailure(error);
    }
  };

  guarded(() => {
    const checkpoint = readCheckpoint(db, projection);
    if (checkpoint === undefined) resetProjection(db, projection);
    position = saved = checkpoint ?? -1n;
  });

  return {
    projection,
    status: () => ({
      name: projection.name,
      version: projection.version,
      position,
      ...(failed === undefined ? {} : { failed }),
    }),
    take(batch) {
      if (batch.position <= position) return () => undefined;
      const mine = batch.events.filter((event) => event.position > position && isMeantFor(projection, event));
      guarded(() => {
        if (mine.length === 0) return;
        db.transaction(() => {
          for (const event of mine) apply(db, projection, event);
          writeCheckpoint(db, projection, batch.position);
        });
      });
      return () => {
        if (failed !== undefined) return;
        position = batch.position;
        if (mine.length > 0) saved = position;
      };
    },
    save() {
      if (saved === position) return;
      writeCheckpoint(db, projection, position);
      saved = position;
    },
  };
}

function apply(db: SqlDatabase, projection: Projection, event: StoredEvent): void {
  try {
    projection.apply(db, event);
  } catch (cause) {
    if (isOfTheFile(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${projection.name} cannot take in event ${event.revision} of ${event.stream}: ${reason}`, {
      cause,
    });
  }
}

const OF_THE_FILE: readonly string[] = ['disk-full', 'store-locked', 'store-unavailable'];

/** Not the projection's doing, and it may pass. */
const isOfTheFile = (error: unknown): boolean => isWaybillError(error) && OF_THE_FILE.includes(error.code);
