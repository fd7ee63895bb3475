import type { StoredLayer } from '@waybill/content-store';
import type { Digest } from '@waybill/kernel';
import type { Manifest } from '../manifest.js';

/** What a package of the reference system is written from. */
export interface RamContent {
  /** `metadata.json` as it came. */
  readonly source: Uint8Array;
  readonly manifest: Manifest;
  /** Documents that the manifest names. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  /** Layers of each image, lowest first. */
  readonly images: ReadonlyMap<Digest, readonly Digest[]>;
  /** Configurations of the images. */
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
  /** Compressed. */
  readonly layers: ReadonlyMap<Digest, StoredLayer>;
}
