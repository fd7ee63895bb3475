import type { DomainEvent } from '@waybill/event-store';
import type { CollectionId, Digest } from '@waybill/kernel';

/** What a collection is about; `list`: document that names it all, a `CollectionList`. */
interface Collected {
  readonly collection: CollectionId;
  readonly list: Digest;
  readonly layers: number;
  readonly blobs: number;
  readonly exports: number;
  /** On disk. */
  readonly bytes: number;
}

/** What shall go, unless somebody turns out to need it. */
export type CollectionBegun = DomainEvent<'collection-begun', Collected>;
/** What is gone. */
export type ContentCollected = DomainEvent<'content-collected', Collected>;

/** What happens in `collections`. */
export type CollectionEvent = CollectionBegun | ContentCollected;
