import { withoutUndefined, type ComponentKey, type InstanceId, type Instant, type RecordId } from '@waybill/kernel';
import type { SqlDatabase } from '@waybill/event-store';
import type { RunId } from '../domain/runs.js';

/** One run of a component: of its schedule, or of a job in a rollout. */
export interface RunView {
  readonly id: RunId;
  readonly component: ComponentKey;
  readonly status: 'running' | 'succeeded' | 'failed' | 'unknown' | 'skipped';
  /** The time of the schedule that it was for. */
  readonly due?: Instant;
  /** The record that ran it. */
  readonly record?: RecordId;
  readonly exitCode?: number;
  /** Why it failed or was skipped. */
  readonly reason?: string;
  /** How many times of the schedule were passed over together. */
  readonly times?: number;
  readonly log?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}

interface Row {
  readonly place: number;
  readonly id: RunId;
  readonly instance: InstanceId;
  readonly component: ComponentKey;
  readonly status: RunView['status'];
  readonly due: string | null;
  readonly record: RecordId | null;
  readonly times: number | null;
  readonly exit_code: number | null;
  readonly reason: string | null;
  readonly log: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
}

/** The runs of an instance, latest first. @param options.before place of the last one of the page before */
export function listRuns(
  db: SqlDatabase,
  instance: InstanceId,
  options: { readonly limit: number; readonly before?: number | undefined },
): readonly (RunView & { readonly place: number })[] {
  return db
    .all<Row>(
      'SELECT * FROM runs_run WHERE instance = ? AND place < ? ORDER BY place DESC LIMIT ?',
      instance,
      options.before ?? Number.MAX_SAFE_INTEGER,
      options.limit,
    )
    .map((row) => ({ place: row.place, ...view(row) }));
}

/** The last time of its schedule that was run or passed over. */
export const lastDue = (db: SqlDatabase, instance: InstanceId, component: ComponentKey): Instant | undefined =>
  db.get<{ due: Instant | null }>(
    'SELECT MAX(due) AS due FROM runs_run WHERE instance = ? AND component = ?',
    instance,
    component,
  )?.due ?? undefined;

/** Runs that were begun and of which no end is known. */
export const openRuns = (db: SqlDatabase): readonly OpenRun[] =>
  db
    .all<Row>("SELECT * FROM runs_run WHERE status = 'running' ORDER BY place")
    .flatMap(({ id, instance, component, due }) => (due === null ? [] : [{ run: id, instance, component, due }]));

export interface OpenRun {
  readonly run: RunId;
  readonly instance: InstanceId;
  readonly component: ComponentKey;
  readonly due: Instant;
}

const view = (row: Row): RunView =>
  withoutUndefined({
    id: row.id,
    component: row.component,
    status: row.status,
    due: row.due ?? undefined,
    record: row.record ?? undefined,
    exitCode: row.exit_code ?? undefined,
    reason: row.reason ?? undefined,
    times: row.times ?? undefined,
    log: row.log ?? undefined,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
  });
