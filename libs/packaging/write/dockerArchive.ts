import type { StoredLayer } from '@waybill/content-store';
import { hexOf, WaybillError, type Digest } from '@waybill/kernel';
import type { TarMember } from './pieces.js';

/** An image of an archive, with the names that it has there. */
export interface ArchivedImage {
  readonly config: Digest;
  /** Lowest first. */
  readonly diffIds: readonly Digest[];
  readonly references: readonly string[];
}

/** What images are put together from. */
export interface ImageParts {
  /** Configurations of the images. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Compressed. */
  readonly layers: ReadonlyMap<Digest, StoredLayer>;
}

/** Images in the form of `docker save`, a layer that they share once. @throws WaybillError `blob-missing` */
export function dockerArchive(images: readonly ArchivedImage[], { blobs, layers }: ImageParts): readonly TarMember[] {
  const list = images.map(({ config, references, diffIds }) => ({
    Config: `${hexOf(config)}.json`,
    RepoTags: references,
    Layers: diffIds.map(layerName),
  }));
  return [
    ...images.map(({ config }) => ({ name: `${hexOf(config)}.json`, content: held(blobs, config) })),
    ...[...new Set(images.flatMap(({ diffIds }) => diffIds))].map((diffId) => ({
      name: layerName(diffId),
      content: held(layers, diffId),
    })),
    { name: 'manifest.json', content: Buffer.from(JSON.stringify(list)) },
  ];
}

const layerName = (diffId: Digest): string => `${hexOf(diffId)}/layer.tar`;

function held<T>(from: ReadonlyMap<Digest, T>, digest: Digest): T {
  const found = from.get(digest);
  if (found === undefined) throw new WaybillError('blob-missing', { digest, packages: 'the version that is exported' });
  return found;
}
