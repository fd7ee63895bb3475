import type { ContentStore } from '@waybill/content-store';
import type { Actor, Claims, Documents, EventStore, ReadModels } from '@waybill/event-store';
import type { Clock } from '@waybill/kernel';
import type { Publisher, ReadLimits } from '@waybill/packaging';
import type { FetchImages } from './fetchImages.js';
import type { Need } from './need.js';
import type { PublisherKeys } from './signingKeys.js';

/** What the catalog needs of the outside; the composition root gives it. */
export interface CatalogDependencies {
  readonly store: EventStore;
  readonly documents: Documents;
  /** Where queries look: answers from what is known here when the store is away. Absent: `store` and `documents`. */
  readonly reading?: { readonly store: EventStore; readonly documents: Documents };
  readonly content: ContentStore;
  /** Must have been given `catalogProjection`. */
  readonly readModels: ReadModels;
  readonly claims: Claims;
  readonly clock: Clock;
  /** Names this server among those that share the content store; its own left-over staging areas are cleared at start. */
  readonly runner: string;
  /** Who the server is in events it writes on behalf of nobody present. */
  readonly actor: Actor;
  /** Folders below which package files may be read by path. Empty: none. */
  readonly importRoots: readonly string[];
  /** Where uploads lie; an import may read those below it and removes what it no longer needs. */
  readonly uploadsDir: string;
  /** Where exported packages lie, a folder for each; on a disk that the servers of one store share. */
  readonly exportsDir: string;
  /** Who signs what leaves here. @throws WaybillError `signing-key-missing` */
  readonly publisher: () => Publisher;
  /** The keys it signs with. */
  readonly publisherKeys: PublisherKeys;
  /** Where images can be had by their names. Absent: nowhere. */
  readonly fetchImages?: { readonly engine?: FetchImages; readonly registry?: FetchImages };
  /** Content that others than the catalog need, and what for. It must stay. Absent: none. */
  readonly neededElsewhere?: () => Promise<readonly Need[]>;
  readonly limits?: ReadLimits;
  /** Does this server carry imports out? Otherwise it leaves them to the others of the same store. Absent: yes. */
  readonly carriesOut?: boolean;
  /** Milliseconds until an operation that met an unavailable store, or another runner's claim, is tried again. Absent: 5000. */
  readonly retryAfter?: number;
  /** How many packages are read or stored at once; the others wait. Absent: 2. */
  readonly parallel?: number;
  /** Failures of work in the background, for the log. */
  readonly onError?: (error: unknown, operation: string) => void;
}
