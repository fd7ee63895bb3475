import type { DomainEvent } from '@waybill/event-store';
import type { Digest, ImportId } from '@waybill/kernel';
import type { KeyFingerprint, PublisherId } from '@waybill/packaging';

/** A publisher's roots as far as they are known. */
export interface KnownRoots {
  readonly publisher: PublisherId;
  /** As its newest root calls it. */
  readonly name: string;
  /** Number of the newest root. */
  readonly root: number;
  /** Document with the envelopes of all roots, the first one first. */
  readonly roots: Digest;
}

export type TrustRootAdded = DomainEvent<'trust-root-added', KnownRoots>;
/** `import`: the package they came with; absent where a person brought them. */
export type PublisherRootsAdvanced = DomainEvent<
  'publisher-roots-advanced',
  KnownRoots & { readonly import?: ImportId }
>;
export type KeyRevoked = DomainEvent<'key-revoked', { readonly key: KeyFingerprint; readonly reason: string }>;
export type UnsignedPackageAccepted = DomainEvent<
  'unsigned-package-accepted',
  { readonly import: ImportId; readonly file: Digest; readonly reason: string }
>;
/** A publisher who is not trusted, for this one package. */
export type PublisherAccepted = DomainEvent<
  'publisher-accepted',
  { readonly import: ImportId; readonly file: Digest; readonly publisher: PublisherId; readonly name: string }
>;

/** What happens in `trust`. */
export type TrustEvent =
  TrustRootAdded | PublisherRootsAdvanced | KeyRevoked | UnsignedPackageAccepted | PublisherAccepted;
