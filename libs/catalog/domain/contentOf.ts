import type { Digest } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';

/** Content by digest, each once, sorted. */
export interface ContentList {
  /** Diff ids. */
  readonly layers: readonly Digest[];
  /** Image configurations. */
  readonly blobs: readonly Digest[];
}

/** What the content store must hold for the version to be installed or exported. */
export function contentOf(manifest: Pick<Manifest, 'components'>): ContentList {
  const images = manifest.components.flatMap(({ image }) => (image === undefined ? [] : [image]));
  return {
    layers: unique(images.flatMap(({ diffIds }) => diffIds)),
    blobs: unique(images.map(({ config }) => config)),
  };
}

const unique = (digests: readonly Digest[]): readonly Digest[] => [...new Set(digests)].sort();
