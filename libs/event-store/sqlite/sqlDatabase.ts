import Database from 'libsql';
import { hasCode } from '@waybill/kernel';
import { createDurably } from './createDurably.js';
import { lockFile } from './fileLock.js';
import { sqlError } from './sqlErrors.js';
import { bound, placeholders, unbound, type SqlValue } from './sqlValues.js';

export type { SqlValue } from './sqlValues.js';

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- what a statement's rows look like only its author can say */

/**
 * One SQLite file, used synchronously; the only door to SQLite. Rows are plain objects, integers are numbers, blobs are Uint8Array.
 * Placeholders are plain `?`. Every call throws WaybillError `disk-full`, `store-locked`, `store-damaged` or `store-unavailable`
 * when the file is the reason, and SQLite's own error when the statement is.
 */
export interface SqlDatabase {
  /** Runs statements without values, e.g. a schema. */
  exec(sql: string): void;
  /** Runs one statement and tells how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** The first row, if there is one. */
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: readonly SqlValue[]): readonly Row[];
  /** All or nothing: what `work` throws is thrown on after nothing was changed. Inside another transaction it is a part of that one, undone alone. */
  transaction<T>(work: () => T): T;
  /** Closing twice does nothing; anything else after it throws. */
  close(): void;
}

export interface SqlDatabaseOptions {
  /**
   * `full`: a committed transaction survives a loss of power. `normal` (default): the file stays sound, the last transactions may be
   * lost; enough for what can be rebuilt.
   */
  readonly durability?: 'normal' | 'full';
  /** Keep every other exclusive opening out, in this process or another, until it is closed or the process is gone. Default: share. */
  readonly exclusive?: boolean;
  /** Milliseconds to wait, blocking, for another one's write; default 5000. */
  readonly busyTimeout?: number;
}

interface Prepared {
  readonly statement: Database.Statement;
  readonly columns: readonly string[];
  readonly parameters: number;
}

const MOST_PREPARED = 256;

/**
 * Opens the file, making it and its folder if they are missing. `:memory:` opens one that is gone when closed.
 * @throws WaybillError `store-locked`, `store-damaged`, `store-unavailable`, `disk-full`
 */
export function openSqlDatabase(file: string, options: SqlDatabaseOptions = {}): SqlDatabase {
  const { durability = 'normal', exclusive = false, busyTimeout = 5_000 } = options;
  const guarded = <T>(call: () => T): T => {
    try {
      return call();
    } catch (error) {
      throw sqlError(error, file);
    }
  };
  if (file !== ':memory:') createDurably(file);
  const unlock = exclusive ? lockFile(file) : () => undefined;
  const driver = connected();
  let open = true;
  let prepared = new Map<string, Prepared>();

  const raw = (sql: string) => {
    if (!open) throw new TypeError(`the database ${file} is closed`);
    guarded(() => driver.exec(sql));
  };
  const prepare = (sql: string, values: readonly SqlValue[]): Prepared => {
    if (!open) throw new TypeError(`the database ${file} is closed`);
    const entry = prepared.get(sql) ?? remember(sql);
    if (entry.parameters !== values.length)
      throw new TypeError(`${values.length} values for ${entry.parameters} placeholders: ${sql}`);
    return entry;
  };
  const remember = (sql: string): Prepared => {
    const parameters = placeholders(sql);
    const entry = guarded(() => {
      const statement = driver.prepare(sql);
      const columns = statement.columns().map((column) => column.name);
      return { statement: columns.length > 0 ? statement.raw() : statement, columns, parameters };
    });
    if (prepared.size >= MOST_PREPARED) prepared = new Map();
    prepared.set(sql, entry);
    return entry;
  };
  const inTransaction = () => driver.inTransaction;

  try {
    raw(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durability}; PRAGMA fullfsync = ${durability === 'full' ? 'ON' : 'OFF'}; PRAGMA foreign_keys = ON`,
    );
  } catch (error) {
    driver.close();
    unlock();
    throw error;
  }

  return {
    exec(sql) {
      // The statement may change tables, and with them the columns that prepared statements remember.
      prepared = new Map();
      raw(sql);
    },
    run(sql, ...values) {
      const { statement } = prepare(sql, values);
      return guarded(() => statement.run(values.map(bound)).changes);
    },
    get<Row>(sql: string, ...values: readonly SqlValue[]) {
      const { statement, columns } = prepare(sql, values);
      const row = guarded(() => statement.get(values.map(bound)));
      return row === undefined ? undefined : (rowOf(columns, row as readonly unknown[]) as Row);
    },
    all<Row>(sql: string, ...values: readonly SqlValue[]) {
      const { statement, columns } = prepare(sql, values);
      const rows = guarded(() => statement.all(values.map(bound)));
      return rows.map((row) => rowOf(columns, row as readonly unknown[]) as Row);
    },
    transaction<T>(work: () => T): T {
      const [begin, commit, rollback] = inTransaction()
        ? ['SAVEPOINT part', 'RELEASE part', 'ROLLBACK TO part; RELEASE part']
        : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'];
      raw(begin);
      try {
        const result = work();
        if (result instanceof Promise) throw new TypeError('a transaction cannot wait for a promise');
        raw(commit);
        return result;
      } catch (error) {
        // A full disk makes SQLite roll back by itself.
        if (inTransaction()) raw(rollback);
        throw error;
      }
    },
    close() {
      if (!open) return;
      try {
        // The driver does not close the file before its statements are garbage, so what SQLite does at a close is done here:
        // afterwards the one file holds everything.
        if (!inTransaction()) raw('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch (error) {
        // What does not fit into the file stays in the one beside it, as safe as before.
        if (!hasCode(error, 'disk-full')) throw error;
      } finally {
        open = false;
        prepared = new Map();
        driver.close();
        unlock();
      }
    },
  };

  function connected(): Database.Database {
    try {
      return guarded(() => new Database(file, { timeout: busyTimeout }));
    } catch (error) {
      unlock();
      throw error;
    }
  }
}

function rowOf(columns: readonly string[], row: readonly unknown[]): Readonly<Record<string, SqlValue>> {
  return Object.fromEntries(columns.map((column, i) => [column, unbound(row[i])]));
}
