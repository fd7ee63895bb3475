import { printable } from '@waybill/kernel';
import type { Projection, SqlDatabase, StoredEvent } from '@waybill/event-store';
import type { RecordedEvent } from '@waybill/event-store';
import type { InstanceEvent } from '../domain/instanceEvents.js';
import { instanceSerde } from '../domain/serde.js';

/** Lists that cannot be had from one stream: which instances there are, and whose record this is. What an instance is comes from its own stream. */
export const instancesProjection: Projection = {
  name: 'instances',
  version: 1,
  filter: { prefixes: ['instance-'] },
  init(db) {
    db.exec(`
      CREATE TABLE instances_instance (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, template TEXT NOT NULL, template_name TEXT NOT NULL, engine TEXT NOT NULL,
        status TEXT NOT NULL, version TEXT, created_at TEXT NOT NULL, changed_at TEXT NOT NULL
      );
      CREATE INDEX instances_by_name ON instances_instance (name);
      CREATE TABLE instances_record (
        id TEXT PRIMARY KEY, instance TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, target_version TEXT, open INTEGER NOT NULL
      );
      CREATE INDEX instances_records_of ON instances_record (instance, number);
    `);
  },
  apply(db, stored) {
    const recorded = instanceSerde.record(stored);
    applyEvent(db, recorded, stored);
  },
};

function applyEvent(db: SqlDatabase, { event, metadata }: RecordedEvent<InstanceEvent>, stored: StoredEvent): void {
  const instance = stored.stream.slice('instance-'.length);
  switch (event.type) {
    case 'instance-created':
      db.run(
        'INSERT INTO instances_instance (id, name, template, template_name, engine, status, version, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)',
        instance,
        event.data.name,
        event.data.template.key,
        printable(event.data.template.name),
        event.data.engine,
        'created',
        metadata.recordedAt,
        metadata.recordedAt,
      );
      return;
    case 'plan-proposed':
      db.run(
        'INSERT INTO instances_record (id, instance, number, kind, target_version, open) SELECT ?, ?, 1 + COUNT(*), ?, ?, 1 FROM instances_record WHERE instance = ?',
        event.data.record,
        instance,
        event.data.kind,
        event.data.to?.version ?? null,
        instance,
      );
      return;
    case 'rollout-completed':
      db.run(
        `UPDATE instances_instance SET changed_at = ?, version = (SELECT target_version FROM instances_record WHERE id = ?),
           status = CASE status WHEN 'removed' THEN 'removed' ELSE 'installed' END WHERE id = ?`,
        metadata.recordedAt,
        event.data.record,
        instance,
      );
      db.run('UPDATE instances_record SET open = 0 WHERE id = ?', event.data.record);
      return;
    case 'rollout-reverted':
    case 'rollout-failed':
      db.run('UPDATE instances_record SET open = 0 WHERE id = ?', event.data.record);
      db.run('UPDATE instances_instance SET changed_at = ? WHERE id = ?', metadata.recordedAt, instance);
      return;
    case 'instance-removed':
      db.run(
        "UPDATE instances_instance SET status = 'removed', changed_at = ? WHERE id = ?",
        metadata.recordedAt,
        instance,
      );
      return;
    case 'setting-changed':
    case 'setting-withdrawn':
    case 'secret-stored':
    case 'rollout-started':
    case 'component-apply-intended':
    case 'component-applied':
    case 'component-failed':
    case 'component-removed':
    case 'taken-over':
      return;
  }
}
