import type { SqlDatabase } from '@waybill/event-store';
import { WaybillError, type TemplateKey } from '@waybill/kernel';
import { pageOf, type Page, type PageRequest } from './page.js';
import { versionsOf } from './versions.js';

export interface TemplateSummary {
  readonly key: TemplateKey;
  /** As its highest version calls it. */
  readonly name: string;
  /** RFC 3339. */
  readonly registered: string;
  readonly versions: number;
  /** The highest on offer. */
  readonly latest?: string;
}

interface Row {
  readonly key: TemplateKey;
  readonly name: string;
  readonly registered: string;
}

/** By key. */
export function listTemplates(db: SqlDatabase, request: PageRequest = {}): Page<TemplateSummary> {
  const rows = (limit: number) =>
    db.all<Row>('SELECT * FROM catalog_templates WHERE key > ? ORDER BY key LIMIT ?', request.cursor ?? '', limit);
  const page = pageOf(request, rows, ({ key }) => key);
  return { ...page, items: page.items.map((row) => summary(db, row)) };
}

/** Finds a template by its key or, when only one has it, by its name. @throws WaybillError `template-not-found`, `template-ambiguous` */
export function findTemplate(db: SqlDatabase, keyOrName: string): TemplateSummary {
  const byKey = db.get<Row>('SELECT * FROM catalog_templates WHERE key = ?', keyOrName);
  if (byKey !== undefined) return summary(db, byKey);
  const named = db
    .all<Row>(
      `SELECT * FROM catalog_templates WHERE name = ? OR key IN (SELECT template FROM catalog_versions WHERE name = ?) ORDER BY key`,
      keyOrName,
      keyOrName,
    )
    .map((row) => summary(db, row))
    .filter(({ name }) => name === keyOrName);
  const [only] = named;
  if (only === undefined) throw new WaybillError('template-not-found', { template: keyOrName });
  if (named.length > 1)
    throw new WaybillError('template-ambiguous', { template: keyOrName, keys: named.map(({ key }) => key) });
  return only;
}

function summary(db: SqlDatabase, { key, name, registered }: Row): TemplateSummary {
  const versions = versionsOf(db, key);
  const latest = versions.filter(({ withdrawn }) => withdrawn === undefined).at(-1);
  return {
    key,
    name: versions.at(-1)?.name ?? name,
    registered,
    versions: versions.length,
    ...(latest === undefined ? {} : { latest: latest.version }),
  };
}

/** Of the last event of a template's stream that the lists hold. @throws WaybillError as `findTemplate` */
export function templateRevision(db: SqlDatabase, keyOrName: string): bigint {
  const { key } = findTemplate(db, keyOrName);
  const row = db.get<{ revision: number }>('SELECT revision FROM catalog_templates WHERE key = ?', key);
  return BigInt(row?.revision ?? -1);
}
