import { serde } from '@waybill/event-store';
import type { CollectionEvent } from './collectionEvents.js';
import type { ExportEvent } from './exportEvents.js';
import type { ImportEvent } from './importEvents.js';
import type { PublisherEvent } from './publisherEvents.js';
import type { TemplateEvent } from './templateEvents.js';
import type { TrustEvent } from './trustEvents.js';

export const templateSerde = serde<TemplateEvent>({
  'template-registered': { version: 1 },
  'publisher-bound': { version: 1 },
  // The first form does not say what was stored, nor the second what a registry called it, and nobody knows any more.
  'version-published': { version: 3, upcasters: { 1: (data) => data, 2: (data) => data } },
  // Nor does the first form of this say what the package told of its publication.
  'version-imported': { version: 2, upcasters: { 1: (data) => data } },
  'version-released': { version: 1 },
  'version-withdrawn': { version: 1 },
  'sbom-attached': { version: 1 },
});

export const importSerde = serde<ImportEvent>({
  'import-requested': { version: 1 },
  'part-received': { version: 1 },
  'parts-lost': { version: 1 },
  'package-received': { version: 1 },
  'package-inspected': { version: 1 },
  'package-refused': { version: 1 },
  'import-confirmed': { version: 1 },
  'images-stored': { version: 1 },
  'import-completed': { version: 1 },
  'import-failed': { version: 1 },
  'import-discarded': { version: 1 },
  'taken-over': { version: 1 },
});

export const exportSerde = serde<ExportEvent>({
  'export-requested': { version: 1 },
  'package-written': { version: 1 },
  'export-completed': { version: 1 },
  'export-failed': { version: 1 },
  'export-removed': { version: 1 },
  'taken-over': { version: 1 },
});

export const trustSerde = serde<TrustEvent>({
  'trust-root-added': { version: 1 },
  'publisher-roots-advanced': { version: 1 },
  'key-revoked': { version: 1 },
  'unsigned-package-accepted': { version: 1 },
  'publisher-accepted': { version: 1 },
});

export const collectionSerde = serde<CollectionEvent>({
  'collection-begun': { version: 1 },
  'content-collected': { version: 1 },
});

export const publisherSerde = serde<PublisherEvent>({
  'publisher-key-rotated': { version: 1 },
  'publisher-key-revoked': { version: 1 },
});
