import { rmSync } from 'node:fs';
import { hasCode } from '@waybill/kernel';
import { createDurably } from '../sqlite/createDurably.js';
import { lockFile } from '../sqlite/fileLock.js';
import { openSqlDatabase, type SqlDatabase } from '../sqlite/sqlDatabase.js';
import type { Projection } from './projection.js';

/** Where the checkpoints are, and of which event store. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS readmodels_store (identity TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS readmodels_checkpoint (name TEXT PRIMARY KEY, version INTEGER NOT NULL, position TEXT NOT NULL);`;

/**
 * Opens the file of the read models of that event store, for this process alone. One that is damaged or of another store is thrown away:
 * all in it comes from the log.
 * @throws WaybillError `store-locked`, `store-unavailable`, `disk-full`
 */
export function openReadModelFile(file: string, identity: string): SqlDatabase {
  createDurably(file);
  const unlock = lockFile(file);
  try {
    const db = soundOrNew(file, identity);
    return {
      ...db,
      close() {
        db.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

function soundOrNew(file: string, identity: string): SqlDatabase {
  try {
    const db = openSqlDatabase(file);
    if (isSound(db, identity)) return db;
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
  }
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
  const db = openSqlDatabase(file);
  db.exec(SCHEMA);
  db.run('INSERT INTO readmodels_store VALUES (?)', identity);
  return db;
}

/** Closes the database when the answer is no. */
function isSound(db: SqlDatabase, identity: string): boolean {
  try {
    const [check] = db.all<{ quick_check: string }>('PRAGMA quick_check(1)');
    db.exec(SCHEMA);
    const [store] = db.all<{ identity: string }>('SELECT identity FROM readmodels_store');
    if (check?.quick_check === 'ok' && store?.identity === identity) return true;
  } catch (error) {
    db.close();
    throw error;
  }
  db.close();
  return false;
}

/** The position up to which this version of the projection has taken everything in; nothing when its tables must be made anew. */
export function readCheckpoint(db: SqlDatabase, projection: Projection): bigint | undefined {
  const row = db.get<{ position: string }>(
    'SELECT position FROM readmodels_checkpoint WHERE name = ? AND version = ?',
    projection.name,
    projection.version,
  );
  return row === undefined ? undefined : BigInt(row.position);
}

export function writeCheckpoint(db: SqlDatabase, projection: Projection, position: bigint): void {
  db.run(
    'INSERT OR REPLACE INTO readmodels_checkpoint VALUES (?, ?, ?)',
    projection.name,
    projection.version,
    String(position),
  );
}

/** Drops the tables of the projection, whatever version made them, and makes them again, empty. */
export function resetProjection(db: SqlDatabase, projection: Projection): void {
  db.transaction(() => {
    dropTables(db, projection.name);
    const before = new Set(tablesOf(db).map(({ name }) => name));
    projection.init(db);
    const foreign = tablesOf(db).find(({ name }) => !before.has(name) && !name.startsWith(`${projection.name}_`));
    if (foreign !== undefined)
      throw new TypeError(`the projection ${projection.name} made ${foreign.name}, which would never be dropped`);
    writeCheckpoint(db, projection, -1n);
  });
}

/** Frees what projections that are no more have left behind. */
export function dropForgotten(db: SqlDatabase, projections: readonly Projection[]): void {
  const names = new Set(projections.map(({ name }) => name));
  for (const { name } of db.all<{ name: string }>('SELECT name FROM readmodels_checkpoint'))
    if (!names.has(name))
      db.transaction(() => {
        dropTables(db, name);
        db.run('DELETE FROM readmodels_checkpoint WHERE name = ?', name);
      });
}

interface Table {
  readonly type: 'table' | 'view';
  readonly name: string;
}

// Virtual tables come first: dropping one drops the tables behind it, which cannot be dropped themselves.
const tablesOf = (db: SqlDatabase) =>
  db.all<Table>(
    `SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'
     ORDER BY type DESC, sql LIKE 'CREATE VIRTUAL%' DESC`,
  );

function dropTables(db: SqlDatabase, projection: string): void {
  for (const { type, name } of tablesOf(db))
    if (name.startsWith(`${projection}_`)) db.exec(`DROP ${type} IF EXISTS "${name}"`);
}
