import type { DomainEvent } from '@waybill/event-store';
import type { Digest, ImportId, InstanceId, TemplateKey } from '@waybill/kernel';
import type { PublisherId, RegistryDigest, SourceFormat } from '@waybill/packaging';
import type { StoredContent } from './importEvents.js';
import type { Sbom } from './sboms.js';

/** What a version is made of, by digest; the manifest document says the rest. */
export interface VersionContent {
  readonly template: TemplateKey;
  /** What this version calls the template. Names are for people and may change from version to version; the key never does. */
  readonly name: string;
  readonly version: string;
  readonly manifest: Digest;
  /** Schema number of the manifest: after a schema change the source is normalised again before comparing. */
  readonly manifestSchema: number;
  /** Document with what the author wrote: raw metadata as it came, or a Compose source. */
  readonly source: Digest;
  /** Absent: `ram`. */
  readonly sourceFormat?: SourceFormat;
  /** All images that came with it, also those of parts that are only carried. Sorted by config digest. */
  readonly images: readonly VersionImage[];
  /** Document that says the layers of these images: an `ImageList`. */
  readonly imageList: Digest;
  readonly components: number;
  readonly notices: number;
}

export interface VersionImage {
  readonly config: Digest;
  /** Uncompressed bytes of its layers. */
  readonly bytes: number;
}

/** What an import adds: which process, from which file. */
export interface VersionOrigin {
  readonly import: ImportId;
  readonly format: string;
  readonly file: { readonly name: string; readonly digest: Digest; readonly size: number };
  /** The number the package itself gave, where the operator named another one. */
  readonly sourceVersion?: string;
  /** Who signed the package, where it is of a format that can be signed. */
  readonly publisher?: BoundPublisher;
  /** When its publisher published it (ISO 8601, UTC) and what it said of it, as the package states it. From the second form on. */
  readonly published?: string;
  readonly notes?: string;
}

export interface BoundPublisher {
  readonly publisher: PublisherId;
  /** For people; as it was called then. */
  readonly name: string;
}

export type TemplateRegistered = DomainEvent<
  'template-registered',
  { readonly template: TemplateKey; readonly name: string }
>;
/** The one text of the number, whatever its spelling. */
interface Normalised {
  readonly normalised: string;
}
export type VersionPublished = DomainEvent<
  'version-published',
  VersionContent &
    Normalised & {
      readonly notes?: string;
      /** What the content store did not have; not in events of the first form. */
      readonly stored?: StoredContent;
      /** What the names of images meant at their registries, for those that came from one; sorted by reference. From the third form on. */
      readonly registry?: readonly RegistryDigest[];
      /** Of what ran there it was made; not in what was written before that was recorded. */
      readonly instance?: SourceInstance;
    }
>;
/** An instance that a version was made of, as it was called then. */
export interface SourceInstance {
  readonly id: InstanceId;
  readonly name: string;
}
export type VersionImported = DomainEvent<'version-imported', VersionContent & Normalised & VersionOrigin>;

/** From its first signed package on, the template's packages must be of that publisher. */
export type PublisherBound = DomainEvent<
  'publisher-bound',
  BoundPublisher & { readonly template: TemplateKey; readonly import: ImportId }
>;

/** The version is the one its publisher stands for: a mark for people, which changes nothing of what is on offer. */
export type VersionReleased = DomainEvent<'version-released', VersionNamed>;
/** The version is on offer no more, for good. Of a package it may be one that is not here, and may come yet. */
export type VersionWithdrawn = DomainEvent<
  'version-withdrawn',
  VersionNamed & { readonly reason: string; readonly origin: WithdrawalOrigin }
>;

interface VersionNamed {
  readonly template: TemplateKey;
  readonly version: string;
  readonly manifest: Digest;
}

/** Withdrawn by somebody here, or by its publisher, who said so in a later package. `at`: as the publisher says it. */
export type WithdrawalOrigin =
  | { readonly kind: 'here' }
  | {
      readonly kind: 'package';
      readonly import: ImportId;
      readonly publisher: PublisherId;
      readonly at: string;
    };

/** A bill of materials of an image, beside the version and no part of what identifies it. `import`: the package that it came with. */
export type SbomAttached = DomainEvent<'sbom-attached', VersionNamed & Sbom & { readonly import?: ImportId }>;

/** What happens in `template-<key>`. */
export type TemplateEvent =
  | TemplateRegistered
  | PublisherBound
  | VersionPublished
  | VersionImported
  | VersionReleased
  | VersionWithdrawn
  | SbomAttached;
