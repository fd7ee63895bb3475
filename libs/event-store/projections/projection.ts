import type { StoredEvent } from '../event.js';
import type { StreamFilter } from '../eventStore.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';

/**
 * Folds events into tables for reading. Disposable: whenever its version or the event store changes, its tables are dropped and made
 * again from the log, so `apply` must depend on nothing but the events and its own tables.
 */
export interface Projection {
  /** Letters and digits; its tables and views are named `<name>_…`. */
  readonly name: string;
  /** Raise it with every change to `init` or `apply`. */
  readonly version: number;
  /** The streams whose events it is shown. */
  readonly filter: StreamFilter;
  /** Makes the tables. */
  init(db: SqlDatabase): void;
  /** Takes one event in, in log order, each exactly once. Runs in the transaction that also holds the checkpoint. */
  apply(db: SqlDatabase, event: StoredEvent): void;
}

/** How far a projection is. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  /** Everything up to this position of the log is in its tables. */
  readonly position: bigint;
  /** Why it has stopped; it tries again from there at the next start. */
  readonly failed?: string;
}

export const isMeantFor = (projection: Pick<Projection, 'filter'>, event: StoredEvent): boolean =>
  projection.filter.prefixes.some((prefix) => event.stream.startsWith(prefix));

/** Fewest prefixes that let through what any of the projections wants. */
export function unionOf(projections: readonly Pick<Projection, 'filter'>[]): StreamFilter {
  const all = [...new Set(projections.flatMap(({ filter }) => filter.prefixes))].sort();
  return { prefixes: all.filter((prefix) => !all.some((other) => other !== prefix && prefix.startsWith(other))) };
}
