import type { DomainEvent } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import type { KeyFingerprint, PublisherId } from '@waybill/packaging';

/** Roots of a publisher who signs here, from now on. */
export interface AdvancedRoots {
  readonly publisher: PublisherId;
  /** Number of the newest root. */
  readonly root: number;
  /** Document with the envelopes of all roots, the first one first. */
  readonly roots: Digest;
}

export type PublisherKeyRotated = DomainEvent<
  'publisher-key-rotated',
  AdvancedRoots & { readonly key: KeyFingerprint; readonly before: KeyFingerprint }
>;
/** `successor`: the key that took the place of a revoked one that signed here. */
export type PublisherKeyRevoked = DomainEvent<
  'publisher-key-revoked',
  AdvancedRoots & { readonly key: KeyFingerprint; readonly reason: string; readonly successor?: KeyFingerprint }
>;

/** What happens in `publisher`: of the keys that servers of this log sign with. */
export type PublisherEvent = PublisherKeyRotated | PublisherKeyRevoked;
