import type { SqlDatabase } from '@waybill/event-store';
import type { AccountId, Digest, ImportId, TemplateKey } from '@waybill/kernel';
import type { ImportState } from '../domain/import.js';
import type { Failure, ImportOutcome } from '../domain/importEvents.js';
import { latestOf, type Page, type PageRequest } from './page.js';

export interface ImportSummary {
  readonly id: ImportId;
  readonly state: ImportState;
  readonly source: 'path' | 'upload' | 'parts';
  /** Of the file. */
  readonly name: string;
  /** RFC 3339. */
  readonly requested: string;
  readonly updated: string;
  readonly by: { readonly id: AccountId; readonly name?: string };
  /** Of a split package: digest of the whole, how many parts there are, and how many are still to come. */
  readonly parts?: { readonly package: Digest; readonly count: number; readonly missing: number };
  readonly file?: { readonly digest: Digest; readonly size: number };
  readonly template?: { readonly key: TemplateKey; readonly name: string };
  readonly version?: string;
  readonly outcome?: ImportOutcome;
  readonly failure?: Failure;
}

interface Row {
  readonly number: number;
  readonly id: ImportId;
  readonly state: ImportState;
  readonly source: 'path' | 'upload' | 'parts';
  readonly name: string;
  readonly requested: string;
  readonly updated: string;
  readonly actor: AccountId;
  readonly actor_name: string | null;
  readonly package: Digest | null;
  readonly parts: number | null;
  readonly parts_missing: number | null;
  readonly file_digest: Digest | null;
  readonly file_size: number | null;
  readonly template: TemplateKey | null;
  readonly template_name: string | null;
  readonly version: string | null;
  readonly outcome: ImportOutcome | null;
  readonly failure: string | null;
}

export interface ImportFilter extends PageRequest {
  readonly state?: ImportState | undefined;
}

/** Newest first. */
export function listImports(db: SqlDatabase, filter: ImportFilter = {}): Page<ImportSummary> {
  const page = latestOf<Row>(db, 'catalog_imports', filter);
  return { ...page, items: page.items.map(summary) };
}

/** Imports that have not ended, oldest first. */
export const openImports = (db: SqlDatabase): ReadonlyMap<ImportId, ImportState> =>
  new Map(
    db
      .all<Pick<Row, 'id' | 'state'>>(
        "SELECT id, state FROM catalog_imports WHERE state IN ('collecting', 'reading', 'inspected', 'storing', 'cataloguing') ORDER BY number",
      )
      .map(({ id, state }) => [id, state]),
  );

function summary(row: Row): ImportSummary {
  const { file_digest: digest, file_size: size, template: key, template_name: name } = row;
  return {
    id: row.id,
    state: row.state,
    source: row.source,
    name: row.name,
    requested: row.requested,
    updated: row.updated,
    by: { id: row.actor, ...(row.actor_name === null ? {} : { name: row.actor_name }) },
    ...(row.package === null || row.parts === null
      ? {}
      : { parts: { package: row.package, count: row.parts, missing: row.parts_missing ?? 0 } }),
    ...(digest === null || size === null ? {} : { file: { digest, size } }),
    ...(key === null || name === null ? {} : { template: { key, name } }),
    ...(row.version === null ? {} : { version: row.version }),
    ...(row.outcome === null ? {} : { outcome: row.outcome }),
    ...(row.failure === null ? {} : { failure: JSON.parse(row.failure) as Failure }),
  };
}
