import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, WaybillError, type IdSource } from '@waybill/kernel';
import { openSqlDatabase, type SqlDatabase } from './sqlDatabase.js';

/** Tells our files from other SQLite files: the letters "wayb". */
const APPLICATION = 0x77617962;
const SCHEMA_VERSION = 1;

// `size` stands before what it measures, so that a page of events can be cut before their data is read.
export const SCHEMA = `
  CREATE TABLE log (identity TEXT NOT NULL, holder TEXT NOT NULL) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    json TEXT,
    bytes BLOB,
    UNIQUE (stream, revision),
    CHECK ((json IS NULL) <> (bytes IS NULL))
  ) STRICT;
  CREATE INDEX events_by_id ON events (id, stream);
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface LogFile {
  readonly db: SqlDatabase;
  readonly identity: string;
  /**
   * To be called inside every transaction that writes. Locks have holes (a deleted lock file, a network file system); where one lets
   * another process in, the one that came last holds the log.
   * @throws WaybillError `store-locked`
   */
  ensureHeld(): void;
}

const RETRY_MS = 25;

/**
 * Opens the log for this process alone, until it is closed or the process is gone. Tries again for `lockWait` milliseconds while
 * another holds it: two that start at one moment can refuse each other.
 * @throws WaybillError `store-locked`, `store-damaged`, `store-unavailable`, `disk-full`
 */
export async function openLogFile(file: string, lockWait: number, ids: IdSource): Promise<LogFile> {
  const deadline = performance.now() + lockWait;
  for (;;) {
    try {
      return openOnce(file, ids);
    } catch (error) {
      if (!hasCode(error, 'store-locked') || performance.now() >= deadline) throw error;
    }
    await delay(RETRY_MS + (process.pid % RETRY_MS));
  }
}

function openOnce(file: string, ids: IdSource): LogFile {
  const db = openSqlDatabase(file, { exclusive: true, durability: 'full' });
  try {
    const holder = randomUUID();
    const identity = db.transaction(() => taken(db, file, holder, ids));
    return {
      db,
      identity,
      ensureHeld() {
        if (db.get('SELECT 1 FROM log WHERE holder = ?', holder) === undefined)
          throw new WaybillError('store-locked', { file });
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Makes the log if the file is new, checks it if not, and takes hold of it. */
function taken(db: SqlDatabase, file: string, holder: string, ids: IdSource): string {
  const damaged = (reason: string) => new WaybillError('store-damaged', { file, reason });
  if (db.get<{ n: number }>('SELECT count(*) AS n FROM sqlite_master')?.n === 0) {
    db.exec(SCHEMA);
    db.run('INSERT INTO log (identity, holder) VALUES (?, ?)', ids.next(), holder);
  }
  if (db.get<{ application_id: number }>('PRAGMA application_id')?.application_id !== APPLICATION)
    throw damaged('it is a SQLite file, but no event log of Waybill');
  const version = db.get<{ user_version: number }>('PRAGMA user_version')?.user_version;
  if (version !== SCHEMA_VERSION)
    throw damaged(`it has the layout ${String(version)}, this version of Waybill reads ${SCHEMA_VERSION}`);
  const row = db.get<{ identity: string }>('SELECT identity FROM log');
  if (row === undefined) throw damaged('it does not say which log it is');
  db.run('UPDATE log SET holder = ?', holder);
  return row.identity;
}
