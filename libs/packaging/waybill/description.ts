import type { Digest, TemplateKey } from '@waybill/kernel';
import type { SourceFormat } from '../sourceFormat.js';
import type { PublisherId } from '../signing/index.js';

/**
 * `waybill.json`: what a package carries, and the document its publisher signs. It says nothing of compressed bytes, so the same version stays
 * signed however its layers are encoded and whichever of them are left out. Canonical JSON.
 */
export interface PackageDescription {
  readonly schema: 1;
  /** Whose package it is, by the first and the newest root at the time of writing. */
  readonly publisher: { readonly id: PublisherId; readonly name: string; readonly root: number };
  readonly template: { readonly key: TemplateKey; readonly name: string };
  readonly version: string;
  /** Digest of the manifest, and its schema: a reader of the same schema comes to the same digest when it normalises the source. */
  readonly manifest: Digest;
  readonly manifestSchema: number;
  /** When it was published, ISO 8601, UTC. */
  readonly published: string;
  readonly notes?: string;
  /** What the author wrote: a file of the package, `source/<hex>`. */
  readonly source: { readonly format: SourceFormat; readonly digest: Digest };
  /** Sorted by configuration. */
  readonly images: readonly DescribedImage[];
  /** Other versions that the publisher has withdrawn so far. Sorted by version, then manifest. */
  readonly withdrawn: readonly WithdrawnVersion[];
}

export interface DescribedImage {
  readonly config: Digest;
  readonly os: string;
  readonly architecture: string;
  /** Names the author's tools know it by. Sorted. */
  readonly references: readonly string[];
  /** Lowest first; `size` in uncompressed bytes. */
  readonly layers: readonly { readonly diffId: Digest; readonly size: number }[];
  /** Bills of materials that came with it. Sorted by digest. */
  readonly sboms: readonly { readonly digest: Digest; readonly mediaType: string; readonly size: number }[];
}

export interface WithdrawnVersion {
  readonly version: string;
  readonly manifest: Digest;
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Does this withdrawal stand before that one? By the text of the number, then by manifest. */
export const inOrder = (one: WithdrawnVersion, other: WithdrawnVersion): boolean =>
  one.version === other.version ? one.manifest < other.manifest : one.version < other.version;
