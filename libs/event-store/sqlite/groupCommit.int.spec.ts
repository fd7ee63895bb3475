import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasCode } from '@waybill/kernel';
import { checkedAppend } from '../checkedAppend.js';
import { failureOf, newEvent } from '../testing/contract/storeUnderTest.js';
import { groupCommit, type GroupCommit } from './groupCommit.js';
import { openSqlDatabase, type SqlDatabase } from './sqlDatabase.js';
import { SCHEMA } from './logFile.js';

describe('appends that share a transaction', () => {
  let db: SqlDatabase;
  let commits: GroupCommit;
  let transactions: number;
  let told: number;
  beforeEach(() => {
    [transactions, told] = [0, 0];
    db = openSqlDatabase(':memory:');
    db.exec(SCHEMA);
    const log = {
      db: {
        ...db,
        transaction: <T>(work: () => T) => {
          transactions++;
          return db.transaction(work);
        },
      },
      identity: 'log',
      ensureHeld: () => undefined,
    };
    commits = groupCommit(log, () => told++);
  });
  afterEach(() => db.close());

  const append = (stream: string, bytes = 10) =>
    commits.append({
      stream,
      expected: 'no_stream',
      events: checkedAppend(stream, [newEvent(new Uint8Array(bytes))]),
    });

  it('are one transaction when they were called in one turn, and readers are told once', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, i) => append(`s-${i}`)));
    expect({ transactions, told }).toStrictEqual({ transactions: 1, told: 1 });
  });

  it('stay one transaction when some of them are refused', async () => {
    const refused = await Promise.all(['a', 'a', 'b', 'b'].map((stream) => failureOf(append(stream))));
    expect(refused.map((answer) => hasCode(answer, 'wrong-expected-revision'))).toStrictEqual([
      false,
      true,
      false,
      true,
    ]);
    expect(transactions).toBe(1);
  });

  it('are split when they are many or large, so that the process gets its turn', async () => {
    await Promise.all(Array.from({ length: 1025 }, (_, i) => append(`s-${i}`)));
    expect(transactions).toBe(3);
    await Promise.all(Array.from({ length: 20 }, (_, i) => append(`large-${i}`, 1_000_000)));
    expect(transactions).toBe(6);
  });

  it('each have their own answer when one does not fit on the disk', async () => {
    const { page_count: pages } = db.get<{ page_count: number }>('PRAGMA page_count')!;
    db.exec(`PRAGMA max_page_count = ${pages + 20}`);
    const answers = await Promise.all([append('a'), append('a'), append('b', 500_000), append('c')].map(failureOf));
    expect(answers).toMatchObject([
      { revision: 0n, position: 0n, outcome: 'written' },
      { code: 'wrong-expected-revision', details: { stream: 'a', expected: 'no_stream', actual: '0' } },
      { code: 'disk-full' },
      { revision: 0n, position: 1n, outcome: 'written' },
    ]);
    expect(db.all('SELECT stream, position FROM events ORDER BY position')).toStrictEqual([
      { stream: 'a', position: 0 },
      { stream: 'c', position: 1 },
    ]);
    db.exec(`PRAGMA max_page_count = ${pages + 1000}`);
    expect(await append('b', 500_000)).toMatchObject({ revision: 0n, position: 2n });
  });

  it('tell no reader when nothing was written', async () => {
    await append('a');
    await failureOf(append('a'));
    expect(told).toBe(1);
  });
});
