export type { ImageOrigin } from './app/bringImages.js';
export type { FetchedImages, FetchImages } from './app/fetchImages.js';
export { engineImages } from './app/engineImages.js';
export { registryImages } from './app/registryImages.js';
export type { PublishSource } from './app/publishSource.js';
export { CatalogModule } from './catalog.module.js';
export type { CatalogDependencies } from './app/dependencies.js';
export { CATALOG_PROGRESS, CATALOG_READER, EXPORT_PROCESS, IMPORT_PROCESS, PUBLICATIONS } from './app/tokens.js';
export {
  AddPublisher,
  AttachSbom,
  ChangeStanding,
  CollectContent,
  ConfirmImport,
  DiscardImport,
  PublishVersion,
  ReceivePart,
  RemoveExport,
  RequestExport,
  RequestImport,
  RevokeKey,
  RevokeOwnKey,
  RotateKey,
} from './app/commands.js';
export type { ExportAnswer, ExportOptions } from './app/exports.js';
export type { ExportProcess } from './app/exportProcess.js';
export type { ImportAnswer, ImportOptions, WriteOptions } from './app/imports.js';
export type { ImportProcess } from './app/importProcess.js';
export { loggedRoots, type AdvancedPublisher, type PublisherView } from './app/publisherKeys.js';
export type { PublisherKeys } from './app/signingKeys.js';
export { addPublisher, type TrustAnswer, type TrustedPublisherView, type TrustView } from './app/trust.js';
export { forgetUpload, type FileLocation } from './app/packageFile.js';
export type { InspectedImage, InspectedSigner, Inspection } from './app/inspection.js';
export { publishOperation, type Publication, type Publications } from './app/publications.js';
export type { PublishResult } from './app/publish.js';
export type { PublishRequest } from './app/publishDraft.js';
export {
  DiffVersions,
  FindExportedFile,
  FindExportedPackage,
  FindTemplateRevision,
  FindWithdrawn,
  GetExport,
  GetImport,
  GetPublisher,
  GetTemplate,
  GetTrust,
  GetVersion,
  ListExports,
  ListImports,
  ListMissingContent,
  ListTemplates,
  ListVersions,
  ReadSbom,
  TakeInventory,
  VersionsAbove,
} from './read/queries.js';
export { catalogProjection } from './read/catalogProjection.js';
export { catalogReader, type CatalogReader, type CatalogVersion } from './read/catalogReader.js';
export type { ExportFilter, ExportSummary } from './read/exports.js';
export type { ExportedBytes, ExportedPackage } from './read/exportedPackage.js';
export type { ExportView } from './read/exportView.js';
export type { ImportFilter, ImportSummary } from './read/imports.js';
export type { Assessment, ImportView } from './read/importView.js';
export { catalogDocumentsNamedBy } from './read/documentsNamedBy.js';
export { leftovers, type Amount, type Leftovers } from './read/leftovers.js';
export { incompleteVersions, type IncompleteVersion } from './read/missingContent.js';
export type { Page, PageRequest } from './read/page.js';
export type { TemplateSummary } from './read/templates.js';
export type { ImageDetails, VersionDetails } from './read/versionDetails.js';
export type { VersionEntry, WithdrawnEntry } from './read/versions.js';
export { collectedSoFar, type Collection, type CollectOptions } from './app/collect.js';
export type { KeptVersion } from './app/collectionList.js';
export type { Need } from './app/need.js';
export type { AttachedSbom, SbomToAttach } from './app/sboms.js';
export type { SbomEntry } from './read/sboms.js';
export type { StandingChange, VersionStanding } from './app/standing.js';
export type { ContentList } from './domain/contentOf.js';
export {
  diffManifests,
  type AttributeDifference,
  type ComponentDifference,
  type ManifestDifference,
} from './domain/diffManifests.js';
export type { CollectedContent, CollectedExport } from './domain/collection.js';
export type { ImageList, ImageListItem } from './domain/imageList.js';
export type { ImportResult, ImportState } from './domain/import.js';
export type { Acceptance, Confirmation, Failure, ImportOutcome, StoredContent } from './domain/importEvents.js';
export type { ExportState } from './domain/export.js';
export { exportFormats, type ExportedFile, type ExportFormat } from './domain/exportEvents.js';
export { collectionSerde, exportSerde, importSerde, templateSerde, trustSerde } from './domain/serde.js';
export { exportOperation, importOperation } from './domain/streams.js';
export type { KnownVersion } from './domain/template.js';
export type { VersionContent, VersionImage, VersionOrigin } from './domain/templateEvents.js';
export type { Verdict } from './domain/verdict.js';
