import type { StoredEvent } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import { importSerde, templateSerde } from '../domain/serde.js';

/** The documents that an event of the catalog names, and without which it tells only half. Other contexts' events name none. */
export function catalogDocumentsNamedBy(stored: StoredEvent): readonly Digest[] {
  if (stored.stream.startsWith('template-')) {
    const event = templateSerde.decode(stored);
    switch (event.type) {
      case 'version-published':
      case 'version-imported':
        return [event.data.manifest, event.data.source, event.data.imageList];
      case 'template-registered':
        return [];
    }
  }
  if (!stored.stream.startsWith('import-')) return [];
  const event = importSerde.decode(stored);
  switch (event.type) {
    case 'package-inspected':
      return [event.data.manifest, event.data.source, event.data.inspection];
    case 'import-confirmed':
      return [event.data.manifest];
    default:
      return [];
  }
}
