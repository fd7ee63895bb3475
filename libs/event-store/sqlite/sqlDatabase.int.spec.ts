import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasCode } from '@waybill/kernel';
import { openSqlDatabase, type SqlDatabase, type SqlValue } from './sqlDatabase.js';

describe('a SQLite database', () => {
  let folder: string;
  let db: SqlDatabase;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-sql-'));
    db = openSqlDatabase(join(folder, 'below', 'data.db'));
    db.exec('CREATE TABLE items (id INTEGER PRIMARY KEY, value); CREATE TABLE others (id INTEGER PRIMARY KEY)');
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  const failure = (call: () => unknown): unknown => {
    try {
      call();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('gives back what it was given, as plain objects', () => {
    const values: readonly SqlValue[] = [
      'text é 🚀',
      '',
      0,
      -7,
      Number.MAX_SAFE_INTEGER,
      1.5,
      null,
      new Uint8Array([0, 1, 255]),
      new Uint8Array(),
      new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
    ];
    values.forEach((value, id) => db.run('INSERT INTO items VALUES (?, ?)', id, value));
    const expected = values.map((value, id) => ({ id, value }));
    expect(db.all('SELECT * FROM items ORDER BY id')).toStrictEqual(expected);
    expect(expected.map(({ id }) => db.get('SELECT * FROM items WHERE id = ?', id))).toStrictEqual(expected);
    expect(db.get('SELECT * FROM items WHERE id = ?', 99)).toBeUndefined();
  });

  it('stores whole numbers as integers', () => {
    expect(db.get('SELECT typeof(?) AS a, typeof(?) AS b, ? || ? AS c', 3, 1.5, 'n', 7)).toStrictEqual({
      a: 'integer',
      b: 'real',
      c: 'n7',
    });
  });

  it('reads a single blob as it reads any other value', () => {
    expect(db.get('SELECT ? AS bytes', new Uint8Array([5, 6]))).toStrictEqual({ bytes: new Uint8Array([5, 6]) });
  });

  it('tells how many rows a statement changed', () => {
    expect(db.run('INSERT INTO items VALUES (1, ?), (2, ?)', 'a', 'b')).toBe(2);
    expect(db.run('DELETE FROM items WHERE id > ?', 1)).toBe(1);
    expect(db.run('DELETE FROM items WHERE id > ?', 1)).toBe(0);
  });

  it.each([
    ['a boolean', true],
    ['undefined', undefined],
    ['an object', { a: 1 }],
    ['a number beyond the safe integers', 2 ** 53],
    ['infinity', Infinity],
    ['a text with a NUL', 'a\0b'],
    ['a text with a lone surrogate', '\ud800'],
  ])('refuses %s instead of ending the process or changing it', (_, value) => {
    expect(() => db.run('INSERT INTO items VALUES (1, ?)', value as SqlValue)).toThrow(TypeError);
    expect(db.all('SELECT * FROM items')).toStrictEqual([]);
  });

  it('refuses another number of values than the statement takes', () => {
    db.run('INSERT INTO items VALUES (?, ?)', 1, "it's a ?");
    expect(() => db.run('INSERT INTO items VALUES (?, ?)', 2)).toThrow('1 values for 2 placeholders');
    expect(() => db.run('INSERT INTO items VALUES (?, ?)', 2, 3, 4)).toThrow('3 values for 2 placeholders');
    expect(db.all("SELECT id FROM items WHERE value LIKE '%?' AND id = ? -- really?", 1)).toStrictEqual([{ id: 1 }]);
    expect(() => db.get('SELECT ?1', 1)).toThrow('placeholders are not supported');
  });

  it('undoes a part of a transaction alone when that part fails, and all parts with the whole', () => {
    const part = (id: number, fails: boolean) =>
      failure(() =>
        db.transaction(() => {
          db.run('INSERT INTO items VALUES (?, 0)', id);
          if (fails) throw new Error('no');
        }),
      );
    db.transaction(() => [part(1, false), part(2, true), part(3, false)]);
    expect(db.all('SELECT id FROM items')).toStrictEqual([{ id: 1 }, { id: 3 }]);
    failure(() =>
      db.transaction(() => {
        part(4, false);
        throw new Error('no');
      }),
    );
    expect(db.all('SELECT id FROM items')).toStrictEqual([{ id: 1 }, { id: 3 }]);
  });

  it('keeps all of a transaction or nothing', () => {
    const answer = db.transaction(() => {
      db.run('INSERT INTO items VALUES (1, 2)');
      db.transaction(() => db.run('INSERT INTO others VALUES (5)'));
      return 'done';
    });
    const refusal = new Error('no');
    expect(
      failure(() =>
        db.transaction(() => {
          db.run('DELETE FROM items');
          throw refusal;
        }),
      ),
    ).toBe(refusal);
    expect(failure(() => db.transaction(() => Promise.resolve(db.run('DELETE FROM items'))))).toBeInstanceOf(TypeError);
    expect(answer).toBe('done');
    expect(db.all('SELECT items.id, others.id AS other FROM items, others')).toStrictEqual([{ id: 1, other: 5 }]);
  });

  it('sees a changed table through a statement it used before', () => {
    db.run('INSERT INTO items VALUES (1, 2)');
    const read = () => db.all('SELECT * FROM items');
    expect(read()).toStrictEqual([{ id: 1, value: 2 }]);
    db.exec("ALTER TABLE items ADD COLUMN extra DEFAULT 'x'");
    expect(read()).toStrictEqual([{ id: 1, value: 2, extra: 'x' }]);
  });

  it('says that the disk is full and stays usable', () => {
    db.exec('PRAGMA max_page_count = 6');
    const error = failure(() =>
      db.transaction(() => db.run('INSERT INTO items VALUES (1, ?)', new Uint8Array(50_000))),
    );
    expect(hasCode(error, 'disk-full')).toBe(true);
    db.exec('PRAGMA max_page_count = 1000');
    db.run('INSERT INTO items VALUES (1, ?)', new Uint8Array(50_000));
    expect(db.get('SELECT count(*) AS n FROM items')).toStrictEqual({ n: 1 });
  });

  it('says that a file is damaged, and does not touch it', () => {
    const file = join(folder, 'other.db');
    const bytes = Buffer.alloc(8192, 7);
    writeFileSync(file, bytes);
    expect(
      hasCode(
        failure(() => openSqlDatabase(file)),
        'store-damaged',
      ),
    ).toBe(true);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('says that a place cannot be used', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(
      hasCode(
        failure(() => openSqlDatabase(join(folder, 'file', 'x.db'))),
        'store-unavailable',
      ),
    ).toBe(true);
    expect(
      hasCode(
        failure(() => openSqlDatabase(folder)),
        'store-unavailable',
      ),
    ).toBe(true);
  });

  it('syncs every commit when it is to be durable', () => {
    const settings = (database: SqlDatabase) => ({
      ...database.get<object>('PRAGMA journal_mode'),
      ...database.get<object>('PRAGMA synchronous'),
    });
    const durable = openSqlDatabase(join(folder, 'durable.db'), { durability: 'full' });
    const both = [settings(db), settings(durable)];
    durable.close();
    expect(both).toStrictEqual([
      { journal_mode: 'wal', synchronous: 1 },
      { journal_mode: 'wal', synchronous: 2 },
    ]);
  });

  it('leaves everything in the one file when it is closed', () => {
    const file = join(folder, 'below', 'data.db');
    db.run('INSERT INTO items VALUES (1, 2)');
    db.close();
    copyFileSync(file, join(folder, 'copy.db'));
    const copy = openSqlDatabase(join(folder, 'copy.db'));
    const rows = copy.all('SELECT * FROM items');
    copy.close();
    expect(rows).toStrictEqual([{ id: 1, value: 2 }]);
  });

  it('keeps others out while it is open exclusively, and lets them in once closed', () => {
    const file = join(folder, 'alone.db');
    const first = openSqlDatabase(file, { exclusive: true, durability: 'full' });
    first.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)');
    const read = first.get('SELECT a FROM t');
    symlinkSync(file, join(folder, 'link.db'));
    const refusals = [file, join(folder, 'link.db')].map((path) =>
      failure(() => openSqlDatabase(path, { exclusive: true })),
    );
    first.close();
    const next = openSqlDatabase(file, { exclusive: true });
    const rows = next.all('SELECT a FROM t');
    next.close();
    expect(read).toStrictEqual({ a: 1 });
    expect(refusals.map((error) => hasCode(error, 'store-locked'))).toStrictEqual([true, true]);
    expect(rows).toStrictEqual([{ a: 1 }, { a: 2 }]);
  });

  it('lets others in after an exclusive opening failed', () => {
    const file = join(folder, 'broken.db');
    writeFileSync(file, Buffer.alloc(8192, 7));
    expect(
      hasCode(
        failure(() => openSqlDatabase(file, { exclusive: true })),
        'store-damaged',
      ),
    ).toBe(true);
    rmSync(file);
    openSqlDatabase(file, { exclusive: true }).close();
  });

  it('refuses work after it was closed', () => {
    db.get('SELECT 1 AS one');
    db.close();
    db.close();
    expect(() => db.get('SELECT 1 AS one')).toThrow('is closed');
    expect(() => db.exec('SELECT 1')).toThrow('is closed');
  });
});
