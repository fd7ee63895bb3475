import { existsSync, rmSync, writeFileSync } from 'node:fs';
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
 * The two places that read models take turns in: they are rebuilt in the one while the other serves, and a swap is one name on the disk more
 * or less. The names of open files never change, which SQLite would not survive.
 */
export interface ReadModelPlaces {
  readonly current: string;
  readonly other: string;
  /** Makes `other` the current one, for whoever opens next. */
  swapped(): ReadModelPlaces;
}

/**
 * Keeps other processes out of both places until it is released.
 * @throws WaybillError `store-locked`, `store-unavailable`, `disk-full`
 */
export function lockReadModels(file: string): () => void {
  createDurably(file);
  return lockFile(file);
}

export function readModelPlaces(file: string): ReadModelPlaces {
  const second = `${file}.rebuilt`;
  const mark = `${second}-serves`;
  if (!existsSync(mark)) {
    const swapped = () => {
      writeFileSync(mark, '');
      return readModelPlaces(file);
    };
    return { current: file, other: second, swapped };
  }
  const swapped = () => {
    rmSync(mark);
    return readModelPlaces(file);
  };
  return { current: second, other: file, swapped };
}

/** Removes a file of read models and what SQLite keeps beside it; open ones must be closed before. */
export function removeReadModelFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
}

/**
 * Opens the file of the read models of that event store. One that is damaged or of another store is thrown away: all in it comes from the log.
 * @throws WaybillError `store-unavailable`, `disk-full`
 */
export function openReadModelFile(file: string, identity: string): SqlDatabase {
  try {
    const db = openSqlDatabase(file);
    if (isSound(db, identity)) return db;
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
  }
  removeReadModelFile(file);
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
