import type { SqlDatabase } from '@waybill/event-store';
import type { AccountId, ExportId, TemplateKey } from '@waybill/kernel';
import type { ExportState } from '../domain/export.js';
import type { ExportedFile, ExportFormat } from '../domain/exportEvents.js';
import type { Failure } from '../domain/importEvents.js';
import { latestOf, type Page, type PageRequest } from './page.js';

export interface ExportSummary {
  readonly id: ExportId;
  readonly state: ExportState;
  readonly template: TemplateKey;
  readonly version: string;
  readonly format: ExportFormat;
  /** RFC 3339. */
  readonly requested: string;
  readonly updated: string;
  readonly by: { readonly id: AccountId; readonly name?: string };
  readonly file?: ExportedFile;
  readonly failure?: Failure;
}

interface Row {
  readonly number: number;
  readonly id: ExportId;
  readonly state: ExportState;
  readonly template: TemplateKey;
  readonly version: string;
  readonly format: ExportFormat;
  readonly requested: string;
  readonly updated: string;
  readonly actor: AccountId;
  readonly actor_name: string | null;
  readonly file: string | null;
  readonly failure: string | null;
}

export interface ExportFilter extends PageRequest {
  readonly state?: ExportState | undefined;
}

/** Newest first. */
export function listExports(db: SqlDatabase, filter: ExportFilter = {}): Page<ExportSummary> {
  const page = latestOf<Row>(db, 'catalog_exports', filter);
  return { ...page, items: page.items.map(summary) };
}

/** Exports that have not ended, oldest first. */
export const openExports = (db: SqlDatabase): ReadonlyMap<ExportId, ExportState> =>
  new Map(
    db
      .all<Pick<Row, 'id' | 'state'>>("SELECT id, state FROM catalog_exports WHERE state = 'writing' ORDER BY number")
      .map(({ id, state }) => [id, state]),
  );

const summary = (row: Row): ExportSummary => ({
  id: row.id,
  state: row.state,
  template: row.template,
  version: row.version,
  format: row.format,
  requested: row.requested,
  updated: row.updated,
  by: { id: row.actor, ...(row.actor_name === null ? {} : { name: row.actor_name }) },
  ...(row.file === null ? {} : { file: JSON.parse(row.file) as ExportedFile }),
  ...(row.failure === null ? {} : { failure: JSON.parse(row.failure) as Failure }),
});
