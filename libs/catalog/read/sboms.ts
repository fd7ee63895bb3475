import type { SqlDatabase } from '@waybill/event-store';
import { WaybillError, type Digest, type TemplateKey } from '@waybill/kernel';
import type { Sbom } from '../domain/sboms.js';
import type { VersionEntry } from './versions.js';

/** A bill of materials as it was attached to a version. */
export interface SbomEntry extends Sbom {
  /** RFC 3339. */
  readonly at: string;
}

/** Of a version, sorted by image, then digest. */
export const sbomsOf = (
  db: SqlDatabase,
  { template, manifest }: Pick<VersionEntry, 'template' | 'manifest'>,
): readonly SbomEntry[] =>
  db.all<{ image: Digest; digest: Digest; mediaType: string; size: number; at: string }>(
    `SELECT image, digest, media_type AS mediaType, size, at FROM catalog_sboms WHERE template = ? AND manifest = ? ORDER BY image, digest`,
    template,
    manifest,
  );

/** @throws WaybillError `sbom-not-found` */
export function findSbom(
  db: SqlDatabase,
  version: Pick<VersionEntry, 'template' | 'manifest' | 'version'> & { readonly template: TemplateKey },
  digest: string,
): SbomEntry {
  const found = sbomsOf(db, version).find((one) => one.digest === digest);
  if (found !== undefined) return found;
  throw new WaybillError('sbom-not-found', { template: version.template, version: version.version, sbom: digest });
}
