import { isUuid, WaybillError, type EngineId, type InstanceId, type RecordId, type TemplateKey } from '@waybill/kernel';
import type { SqlDatabase } from '@waybill/event-store';

export interface InstanceSummary {
  readonly id: InstanceId;
  readonly name: string;
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly engine: EngineId;
  readonly status: 'created' | 'installed' | 'removed';
  readonly version: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
  /** The record that is open, if one is. */
  readonly openRecord: RecordId | null;
}

interface Row {
  readonly id: InstanceId;
  readonly name: string;
  readonly template: TemplateKey;
  readonly template_name: string;
  readonly engine: EngineId;
  readonly status: InstanceSummary['status'];
  readonly version: string | null;
  readonly created_at: string;
  readonly changed_at: string;
  readonly open_record: RecordId | null;
}

const SELECT =
  'SELECT i.*, (SELECT r.id FROM instances_record r WHERE r.instance = i.id AND r.open = 1) AS open_record FROM instances_instance i';

/** Instances by name, removed ones left out unless asked for. `after` is the last one of the page before. */
export function listInstances(
  db: SqlDatabase,
  options: {
    readonly includeRemoved?: boolean | undefined;
    readonly limit: number;
    readonly after?: { readonly name: string; readonly id: string } | undefined;
  },
): readonly InstanceSummary[] {
  const { limit, after = { name: '', id: '' }, includeRemoved = false } = options;
  return db
    .all<Row>(
      `${SELECT} WHERE (i.status <> 'removed' OR ?) AND (i.name, i.id) > (?, ?) ORDER BY i.name, i.id LIMIT ?`,
      includeRemoved ? 1 : 0,
      after.name,
      after.id,
      limit,
    )
    .map(summary);
}

/**
 * The instance that is meant: by id, or by the name of one that is not removed; a removed one only by its id, or when no other ever had its name.
 * @throws WaybillError `instance-not-found`
 */
export function findInstance(db: SqlDatabase, idOrName: string): InstanceSummary {
  const row = isUuid(idOrName)
    ? db.get<Row>(`${SELECT} WHERE i.id = ?`, idOrName)
    : db.get<Row>(
        `${SELECT} WHERE i.name = ? ORDER BY i.status = 'removed', i.created_at DESC LIMIT 1`,
        idOrName.toLowerCase(),
      );
  if (row === undefined) throw new WaybillError('instance-not-found', { instance: idOrName });
  return summary(row);
}

/** The instance that a record belongs to. @throws WaybillError `record-not-found` */
export function instanceOfRecord(db: SqlDatabase, record: RecordId): InstanceId {
  const row = db.get<{ instance: InstanceId }>('SELECT instance FROM instances_record WHERE id = ?', record);
  if (row === undefined) throw new WaybillError('record-not-found', { record });
  return row.instance;
}

/** Records that are open: after a restart their rollouts go on. */
export const openRecords = (db: SqlDatabase): readonly { readonly instance: InstanceId; readonly record: RecordId }[] =>
  db.all<{ instance: InstanceId; record: RecordId }>(
    'SELECT instance, id AS record FROM instances_record WHERE open = 1 ORDER BY instance',
  );

const summary = (row: Row): InstanceSummary => ({
  id: row.id,
  name: row.name,
  template: { key: row.template, name: row.template_name },
  engine: row.engine,
  status: row.status,
  version: row.version,
  createdAt: row.created_at,
  changedAt: row.changed_at,
  openRecord: row.open_record,
});
