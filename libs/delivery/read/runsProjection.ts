import type { Projection } from '@waybill/event-store';
import { runSerde } from '../domain/serde.js';

/** What ran at times, and the jobs of rollouts: what came of each, in the order in which it was recorded. */
export const runsProjection: Projection = {
  name: 'runs',
  version: 1,
  filter: { prefixes: ['runs-'] },
  init(db) {
    db.exec(`
      CREATE TABLE runs_run (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, instance TEXT NOT NULL, component TEXT NOT NULL, status TEXT NOT NULL,
        due TEXT, record TEXT, times INTEGER, exit_code INTEGER, reason TEXT, log TEXT, started_at TEXT, ended_at TEXT
      );
      CREATE INDEX runs_of_instance ON runs_run (instance, place);
      CREATE INDEX runs_of_component ON runs_run (instance, component, due);
      CREATE INDEX runs_open ON runs_run (status) WHERE status = 'running';
    `);
  },
  apply(db, stored) {
    const { event, metadata } = runSerde.record(stored);
    const { run, instance, component } = event.data;
    const insert = 'INSERT INTO runs_run (id, instance, component, status';
    switch (event.type) {
      case 'run-started':
        db.run(
          `${insert}, due, started_at) VALUES (?, ?, ?, 'running', ?, ?)`,
          run,
          instance,
          component,
          event.data.due,
          metadata.recordedAt,
        );
        return;
      case 'run-skipped':
        db.run(
          `${insert}, due, reason, times) VALUES (?, ?, ?, 'skipped', ?, ?, ?)`,
          run,
          instance,
          component,
          event.data.due,
          event.data.reason,
          event.data.times,
        );
        return;
      case 'run-ended': {
        const { outcome, exitCode, reason, log, startedAt, record } = event.data;
        db.run(
          `${insert}, record) VALUES (?, ?, ?, 'running', ?) ON CONFLICT (id) DO NOTHING`,
          run,
          instance,
          component,
          record ?? null,
        );
        db.run(
          'UPDATE runs_run SET status = ?, exit_code = ?, reason = ?, log = ?, started_at = COALESCE(?, started_at), ended_at = ? WHERE id = ?',
          outcome,
          exitCode ?? null,
          reason ?? null,
          log,
          startedAt ?? null,
          metadata.recordedAt,
          run,
        );
        return;
      }
    }
  },
};
