import { Query } from '@nestjs/cqrs';
import type { Envelope } from '@waybill/packaging';
import type { ManifestDifference } from '../domain/diffManifests.js';
import type { ExportFilter, ExportSummary } from './exports.js';
import type { ExportedBytes, ExportedPackage } from './exportedPackage.js';
import type { ExportView } from './exportView.js';
import type { ImportFilter, ImportSummary } from './imports.js';
import type { ImportView } from './importView.js';
import type { IncompleteVersion } from './missingContent.js';
import type { PublisherView } from '../app/publisherKeys.js';
import type { TrustView } from '../app/trust.js';
import type { AcceptedImport } from './acceptedPackages.js';
import type { Page, PageRequest } from './page.js';
import type { TemplateSummary } from './templates.js';
import type { VersionDetails } from './versionDetails.js';
import type { VersionEntry, VersionPlace, WithdrawnEntry } from './versions.js';

/** Templates by key. */
export class ListTemplates extends Query<Page<TemplateSummary>> {
  constructor(readonly page: PageRequest = {}) {
    super();
  }
}

/** One template by key or unambiguous name. Fails with `template-not-found`, `template-ambiguous`. */
export class GetTemplate extends Query<TemplateSummary> {
  constructor(readonly template: string) {
    super();
  }
}

/** The revision of a template's stream, which is its versions' too: what a change of one may be guarded by. Fails as `GetTemplate`. */
export class FindTemplateRevision extends Query<bigint> {
  constructor(readonly template: string) {
    super();
  }
}

/** The versions of a template (by key or unambiguous name), lowest first. Fails as `GetTemplate`, and with `cursor-invalid`. */
export class ListVersions extends Query<Page<VersionEntry>> {
  constructor(
    readonly template: string,
    readonly page: PageRequest = {},
  ) {
    super();
  }
}

/** One version with its manifest and what is missing of it. Fails as `GetTemplate`, and with `version-not-found`. */
export class GetVersion extends Query<VersionDetails> {
  constructor(
    readonly template: string,
    readonly version: string,
  ) {
    super();
  }
}

/** Why a version is on offer no more; `undefined`: it is, or there is none. */
export class FindWithdrawn extends Query<WithdrawnEntry | undefined> {
  constructor(readonly place: VersionPlace) {
    super();
  }
}

/** What `after` says otherwise than `before`. Fails as `GetVersion`. */
export class DiffVersions extends Query<ManifestDifference> {
  constructor(
    readonly template: string,
    readonly before: string,
    readonly after: string,
  ) {
    super();
  }
}

/** What an upgrade from that number may go to, lowest first; the number itself need not be in the catalog. Fails as `GetTemplate`. */
export class VersionsAbove extends Query<readonly VersionEntry[]> {
  constructor(
    readonly template: string,
    readonly version: string,
  ) {
    super();
  }
}

/** The bytes of a bill of materials. Fails as `GetVersion`, and with `sbom-not-found`, `blob-missing`. */
export class ReadSbom extends Query<Buffer> {
  constructor(
    readonly template: string,
    readonly version: string,
    readonly digest: string,
  ) {
    super();
  }
}

/** One import, from the log. Fails with `import-not-found`. */
export class GetImport extends Query<ImportView> {
  constructor(readonly id: string) {
    super();
  }
}

/** Whom this site trusts, from the log, and what it took without, the latest first. */
export class GetTrust extends Query<TrustView & { readonly accepted: readonly AcceptedImport[] }> {}

/** Who signs here. Fails with `signing-key-missing`. */
export class GetPublisher extends Query<PublisherView> {}

/** Imports, newest first. */
export class ListImports extends Query<Page<ImportSummary>> {
  constructor(readonly filter: ImportFilter = {}) {
    super();
  }
}

/** One export, from the log. Fails with `export-not-found`. */
export class GetExport extends Query<ExportView> {
  constructor(readonly id: string) {
    super();
  }
}

/** Exports, newest first. */
export class ListExports extends Query<Page<ExportSummary>> {
  constructor(readonly filter: ExportFilter = {}) {
    super();
  }
}

/** Where the package of an export lies on disk, and what it is. Fails with `export-not-found`, `export-not-ready`. */
export class FindExportedPackage extends Query<ExportedPackage> {
  constructor(readonly id: string) {
    super();
  }
}

/** One file of a split export: its index, or where a part lies. Fails with `export-not-found`, `export-not-ready`, `export-file-not-found`. */
export class FindExportedFile extends Query<ExportedPackage | ExportedBytes> {
  constructor(
    readonly id: string,
    readonly name: string,
  ) {
    super();
  }
}

/** Which layers are here, signed. Fails with `signing-key-missing`. */
export class TakeInventory extends Query<Envelope> {}

/** Versions that lack content here, what each lacks, and which package would bring it back: the first `limit` behind a place, or all. */
export class ListMissingContent extends Query<readonly IncompleteVersion[]> {
  constructor(readonly part: { readonly limit?: number; readonly after?: VersionPlace | undefined } = {}) {
    super();
  }
}
