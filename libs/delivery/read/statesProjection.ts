import type { InstanceId, Instant } from '@waybill/kernel';
import type { Projection, SqlDatabase } from '@waybill/event-store';
import type { InstanceEvent } from '../domain/instanceEvents.js';
import { absent, evolveInstance, isOpen, type InstanceState } from '../domain/instanceState.js';
import { instanceSerde } from '../domain/serde.js';

/** Events of an instance between two states that are kept: so many are read and folded at most to tell a state in between. */
export const BLOCK = 64;

/** Some of an instance's events that follow each other, and what the instance was before them. */
export interface StateBlock {
  /** Place of the first of them. */
  readonly first: number;
  /** Without what no view of a past state shows, see `withoutPast`. */
  readonly before: InstanceState;
  /** Place of the first event of the next block, if there is one yet. */
  readonly next?: number;
}

/**
 * The state of every instance, kept every so many events, so that what it was at any moment is found without folding all of its history.
 * What is kept depends on the fold as well: raise the version with every change to `evolveInstance`; a test compares.
 */
export const statesProjection: Projection = {
  name: 'states',
  version: 1,
  filter: { prefixes: ['instance-'] },
  init(db) {
    db.exec(`
      CREATE TABLE states_block (
        instance TEXT NOT NULL, first INTEGER NOT NULL, earliest TEXT, before TEXT NOT NULL, PRIMARY KEY (instance, first)
      );
      CREATE TABLE states_event (
        instance TEXT NOT NULL, place INTEGER NOT NULL, at TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance, place)
      ) WITHOUT ROWID;
    `);
  },
  apply(db, stored) {
    const instance = stored.stream.slice('instance-'.length) as InstanceId;
    const place = Number(stored.revision);
    const { event, metadata } = instanceSerde.record(stored);
    if (place % BLOCK === 0) beginBlock(db, instance, place);
    db.run(
      'INSERT INTO states_event (instance, place, at, event) VALUES (?, ?, ?, ?)',
      ...[instance, place, metadata.recordedAt, JSON.stringify(event)],
    );
  },
};

/**
 * Closes the block before this place: of its events only the state they lead to is kept, and the earliest time, since the clock may have
 * been set back among them.
 */
function beginBlock(db: SqlDatabase, instance: InstanceId, first: number): void {
  const rows = db.all<{ event: string; at: Instant }>(
    'SELECT event, at FROM states_event WHERE instance = ? ORDER BY place',
    instance,
  );
  const past = db.get<{ before: string }>(
    'SELECT before FROM states_block WHERE instance = ? AND first = ?',
    ...[instance, first - BLOCK],
  );
  let state = past === undefined ? absent : (JSON.parse(past.before) as InstanceState);
  for (const { event } of rows) state = evolveInstance(state, JSON.parse(event) as InstanceEvent);
  const earliest = rows.map(({ at }) => at).sort()[0] ?? null;
  db.run('UPDATE states_block SET earliest = ? WHERE instance = ? AND first = ?', earliest, instance, first - BLOCK);
  db.run('DELETE FROM states_event WHERE instance = ?', instance);
  db.run(
    'INSERT INTO states_block (instance, first, earliest, before) VALUES (?, ?, NULL, ?)',
    ...[instance, first, JSON.stringify(withoutPast(state))],
  );
}

/** Without closed records and secrets, which grow with the history and are no part of what an instance was at a moment. */
export const withoutPast = (state: InstanceState): InstanceState =>
  state.status === 'absent' ? state : { ...state, records: state.records.filter(isOpen), secrets: {} };

/** The block that the next event of the instance will belong to, or did before the read models took in what they lag behind by. */
export function lastBlock(db: SqlDatabase, instance: InstanceId): StateBlock {
  const found = db.get<{ first: number; before: string }>(
    'SELECT first, before FROM states_block WHERE instance = ? ORDER BY first DESC LIMIT 1',
    instance,
  );
  return found === undefined
    ? { first: 0, before: absent }
    : { first: found.first, before: JSON.parse(found.before) as InstanceState };
}

/** The last block with an event that was recorded up to the moment; before all of them, the first one. */
export function blockAt(db: SqlDatabase, instance: InstanceId, moment: Instant): StateBlock {
  const found = db.get<{ first: number; before: string }>(
    `SELECT first, before FROM states_block WHERE instance = ?
       AND coalesce(earliest, (SELECT min(at) FROM states_event WHERE instance = ?)) <= ? ORDER BY first DESC LIMIT 1`,
    ...[instance, instance, moment],
  );
  const first = found?.first ?? 0;
  const after = db.get<{ next: number | null }>(
    'SELECT min(first) AS next FROM states_block WHERE instance = ? AND first > ?',
    instance,
    first,
  );
  return {
    first,
    before: found === undefined ? absent : (JSON.parse(found.before) as InstanceState),
    ...(typeof after?.next === 'number' ? { next: after.next } : {}),
  };
}
