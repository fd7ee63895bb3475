import type { NamedDocument, StoredEvent } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import { manifestDocuments, type Manifest } from '@waybill/packaging';
import {
  collectionSerde,
  exportSerde,
  importSerde,
  publisherSerde,
  templateSerde,
  trustSerde,
} from '../domain/serde.js';
import { COLLECTIONS_STREAM, PUBLISHER_STREAM, TRUST_STREAM } from '../domain/streams.js';

/** The documents that an event of the catalog names, and without which it tells only half. Other contexts' events name none. */
export function catalogDocumentsNamedBy(stored: StoredEvent): readonly NamedDocument[] {
  const [, ofStream] = byStream.find(([beginning]) => stored.stream.startsWith(beginning)) ?? [];
  return ofStream?.(stored) ?? [];
}

type NamedBy = (stored: StoredEvent) => readonly NamedDocument[];

/** By how the names of streams begin; no beginning is that of another. */
const byStream: readonly (readonly [string, NamedBy])[] = [
  ['template-', namedByTemplate],
  ['import-', namedByImport],
  ['export-', namedByExport],
  [TRUST_STREAM, namedByTrust],
  [PUBLISHER_STREAM, (stored) => [{ digest: publisherSerde.decode(stored).data.roots }]],
  [COLLECTIONS_STREAM, (stored) => [{ digest: collectionSerde.decode(stored).data.list }]],
];

function namedByTemplate(stored: StoredEvent): readonly NamedDocument[] {
  const event = templateSerde.decode(stored);
  switch (event.type) {
    case 'version-published':
    case 'version-imported':
      return [manifestDocument(event.data.manifest), { digest: event.data.source }, { digest: event.data.imageList }];
    case 'template-registered':
    case 'publisher-bound':
    case 'version-released':
    case 'version-withdrawn':
    case 'sbom-attached':
      return [];
  }
}

function namedByExport(stored: StoredEvent): readonly NamedDocument[] {
  const event = exportSerde.decode(stored);
  if (event.type === 'package-written' && event.data.parts !== undefined) return [{ digest: event.data.parts.index }];
  if (event.type !== 'export-requested') return [];
  const { manifest, base } = event.data;
  return [
    manifestDocument(manifest),
    ...(base !== undefined && 'inventory' in base ? [{ digest: base.inventory }] : []),
  ];
}

function namedByTrust(stored: StoredEvent): readonly NamedDocument[] {
  const event = trustSerde.decode(stored);
  return 'roots' in event.data ? [{ digest: event.data.roots }] : [];
}

function namedByImport(stored: StoredEvent): readonly NamedDocument[] {
  const event = importSerde.decode(stored);
  switch (event.type) {
    case 'import-requested':
      return event.data.source.kind === 'parts' ? [{ digest: event.data.source.index }] : [];
    case 'package-inspected':
      return [manifestDocument(event.data.manifest), { digest: event.data.source }, { digest: event.data.inspection }];
    case 'import-confirmed':
      return [manifestDocument(event.data.manifest)];
    default:
      return [];
  }
}

const manifestDocument = (digest: Digest): NamedDocument => ({
  digest,
  within: (content) => manifestDocuments(content as Manifest).map((one) => ({ digest: one })),
});
