import { canonicalJson, type CanonicalValue, type EventId } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import type { StreamFilter } from '../eventStore.js';
import type { Projection } from '../projections/projection.js';
import type { SqlDatabase } from '../sqlite/sqlDatabase.js';

/** Keeps the events of some streams as they are, so that what is folded from them can be read while the store is away. */
export const localCopyProjection = (filter: StreamFilter): Projection => ({
  name: 'localcopy',
  version: 1,
  filter,
  init(db) {
    db.exec(`
      CREATE TABLE localcopy_event (
        stream TEXT NOT NULL, revision INTEGER NOT NULL, position TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,
        data, metadata TEXT NOT NULL, PRIMARY KEY (stream, revision)
      );
    `);
  },
  apply(db, { stream, revision, position, id, type, data, metadata }) {
    db.run(
      'INSERT INTO localcopy_event (stream, revision, position, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)',
      stream,
      Number(revision),
      String(position),
      id,
      type,
      data instanceof Uint8Array ? data : canonicalJson(data),
      canonicalJson(metadata),
    );
  },
});

interface Row {
  readonly revision: number;
  readonly position: string;
  readonly id: EventId;
  readonly type: string;
  readonly data: string | Uint8Array;
  readonly metadata: string;
}

/** What the local copy has of a stream after a revision (absent: all of it), forwards. */
export const readLocalCopy = (db: SqlDatabase, stream: string, from = -1n): readonly StoredEvent[] =>
  db
    .all<Row>(
      'SELECT revision, position, id, type, data, metadata FROM localcopy_event WHERE stream = ? AND revision > ? ORDER BY revision',
      stream,
      Number(from),
    )
    .map(({ revision, position, id, type, data, metadata }) => ({
      stream,
      revision: BigInt(revision),
      position: BigInt(position),
      id,
      type,
      data: typeof data === 'string' ? (JSON.parse(data) as CanonicalValue) : data,
      metadata: JSON.parse(metadata) as CanonicalValue,
    }));
