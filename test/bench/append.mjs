import { mkdtemp, open, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalJson } from '@waybill/kernel';
import { openSqliteEventStore } from '@waybill/event-store';
import { SCHEMA } from '../../libs/event-store/dist/sqlite/logFile.js';
import { median, percentile } from './report.mjs';
import { settingEvent } from './someLog.mjs';
import { timed } from './timed.mjs';

/** The driver is a dependency of the event store, not of this folder. */
const Database = createRequire(new URL('../../libs/event-store/package.json', import.meta.url))('libsql');

const EVENTS = 40_000;
const IN_FLIGHT = 100;
const RUNS = 5;

/**
 * Durable appends of one event each, 100 in flight, to the embedded store; beside a bare loop of its driver that writes the same rows into
 * the same table with the same settings, 100 in a transaction.
 */
export async function bench({ add }) {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-bench-'));
  try {
    const sync = await syncLatency(join(folder, 'sync'));
    const ratios = [];
    const ours = [];
    const bare = [];
    for (let run = 0; run < RUNS; run += 1) {
      bare.push(EVENTS / (await bareLoop(join(folder, `bare-${run}.db`))));
      ours.push(EVENTS / (await appends(join(folder, `ours-${run}.db`))));
      ratios.push(ours[run] / bare[run]);
    }
    add({ what: 'write and sync of 4 KiB, median', value: median(sync), unit: 'ms' });
    add({ what: 'write and sync of 4 KiB, 95 of 100', value: percentile(sync, 0.95), unit: 'ms' });
    add({ what: 'bare loop of the driver, 100 rows a transaction', value: median(bare), unit: 'rows/s' });
    add({ what: 'durable appends, 100 in flight', value: median(ours), unit: 'events/s' });
    add({ what: 'beside the bare loop', value: median(ratios), unit: '', target: { atLeast: 0.6 } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function appends(file) {
  const store = await openSqliteEventStore({ file });
  const events = Array.from({ length: EVENTS }, (_, n) => settingEvent(n));
  const { seconds } = await timed(() =>
    Promise.all(Array.from({ length: IN_FLIGHT }, (_, n) => caller(store, n, events))),
  );
  await store.close();
  return seconds;
}

/** One of those who append at the same time: to its own stream, the next when the one before is acknowledged. */
async function caller(store, n, events) {
  for (let revision = 0; revision < EVENTS / IN_FLIGHT; revision += 1) {
    const expected = revision === 0 ? 'no_stream' : BigInt(revision - 1);
    await store.append(`instance-${n}`, expected, [events[n + revision * IN_FLIGHT]]);
  }
}

async function bareLoop(file) {
  const db = new Database(file);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON');
  db.exec(SCHEMA);
  const insert = db.prepare(
    'INSERT INTO events (position, stream, revision, id, type, size, metadata, json, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const rows = Array.from({ length: EVENTS }, (_, n) => {
    const { id, type, data, metadata } = settingEvent(n);
    const texts = [canonicalJson(metadata), canonicalJson(data)];
    const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    return [
      BigInt(n),
      `instance-${n % IN_FLIGHT}`,
      BigInt(Math.floor(n / IN_FLIGHT)),
      id,
      type,
      BigInt(size),
      ...texts,
      null,
    ];
  });
  const { seconds } = await timed(() => {
    for (let at = 0; at < EVENTS; at += IN_FLIGHT) {
      db.exec('BEGIN IMMEDIATE');
      for (const row of rows.slice(at, at + IN_FLIGHT)) insert.run(row);
      db.exec('COMMIT');
    }
  });
  db.close();
  return seconds;
}

/** Milliseconds that the disk takes until 4 KiB are safe. */
async function syncLatency(path) {
  const file = await open(path, 'w');
  const block = Buffer.alloc(4_096, 1);
  const latencies = [];
  for (let n = 0; n < 200; n += 1) {
    const { seconds } = await timed(async () => {
      await file.write(block, 0, block.length, n * block.length);
      await file.datasync();
    });
    latencies.push(seconds * 1_000);
  }
  await file.close();
  return latencies;
}
