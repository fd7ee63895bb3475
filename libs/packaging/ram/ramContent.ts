import type { Digest } from '@waybill/kernel';
import type { Manifest } from '../manifest.js';
import type { ImageParts } from '../write/dockerArchive.js';

/** What a package of the reference system is written from. */
export interface RamContent extends ImageParts {
  /** `metadata.json` as it came. */
  readonly source: Uint8Array;
  readonly manifest: Manifest;
  /** Documents that the manifest names. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  /** Layers of each image, lowest first. */
  readonly images: ReadonlyMap<Digest, readonly Digest[]>;
}
