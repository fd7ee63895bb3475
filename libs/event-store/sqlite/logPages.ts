import { WaybillError, type CanonicalValue, type EventId } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import type { StreamFilter } from '../eventStore.js';
import type { SqlDatabase, SqlValue } from './sqlDatabase.js';

interface Row {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: EventId;
  readonly type: string;
  readonly metadata: string;
  readonly json: string | null;
  readonly bytes: Uint8Array | null;
}

/** Some events, and the place up to which none is missing. */
export interface Page {
  readonly events: readonly StoredEvent[];
  readonly upTo: number;
}

/** Bounds of a page: events and bytes for the memory; positions looked at for the time that a rare prefix takes. */
const PAGE_EVENTS = 512;
const PAGE_BYTES = 2 * 1_048_576;
const PAGE_POSITIONS = 10_000;

export function logPage(
  db: SqlDatabase,
  file: string,
  after: number,
  end: number,
  filter: StreamFilter | undefined,
): Page {
  const windowEnd = Math.min(end, after + PAGE_POSITIONS);
  const prefixes = filter?.prefixes ?? [];
  if (filter !== undefined && prefixes.length === 0) return { events: [], upTo: end };
  const anyPrefix = prefixes.map(() => 'instr(stream, ?) = 1').join(' OR ');
  const where = `position > ? AND position <= ?${anyPrefix === '' ? '' : ` AND (${anyPrefix})`}`;
  return page(db, file, 'position', where, [after, windowEnd, ...prefixes], windowEnd);
}

export function streamPage(db: SqlDatabase, file: string, stream: string, after: number, end: number): Page {
  return page(db, file, 'revision', 'stream = ? AND revision > ? AND revision <= ?', [stream, after, end], end);
}

export const lastRevision = (db: SqlDatabase, stream: string): number =>
  db.get<{ last: number | null }>('SELECT max(revision) AS last FROM events WHERE stream = ?', stream)?.last ?? -1;

function page(
  db: SqlDatabase,
  file: string,
  order: 'position' | 'revision',
  where: string,
  values: readonly SqlValue[],
  end: number,
): Page {
  const sizes = db.all<{ size: number }>(
    `SELECT size FROM events WHERE ${where} ORDER BY ${order} LIMIT ${PAGE_EVENTS}`,
    ...values,
  );
  let bytes = 0;
  const cut = sizes.findIndex(({ size }, i) => (bytes += size) > PAGE_BYTES && i > 0);
  const count = cut < 0 ? sizes.length : cut;
  const rows = db.all<Row>(
    `SELECT position, stream, revision, id, type, metadata, json, bytes FROM events WHERE ${where} ORDER BY ${order} LIMIT ?`,
    ...values,
    count,
  );
  const isWhole = cut < 0 && sizes.length < PAGE_EVENTS;
  return {
    events: rows.map((row) => storedEvent(row, file)),
    upTo: isWhole ? end : (rows.at(-1)?.[order] ?? end),
  };
}

function storedEvent(row: Row, file: string): StoredEvent {
  const parsed = (text: string): CanonicalValue => {
    try {
      return JSON.parse(text) as CanonicalValue;
    } catch (cause) {
      const reason = `the event at position ${row.position} is no JSON`;
      throw new WaybillError('store-damaged', { file, reason }, { cause });
    }
  };
  return {
    id: row.id,
    stream: row.stream,
    revision: BigInt(row.revision),
    position: BigInt(row.position),
    type: row.type,
    data: row.bytes ?? parsed(row.json ?? ''),
    metadata: parsed(row.metadata),
  };
}
