import type { Digest } from '@waybill/kernel';
import type { Manifest } from './manifest.js';

/** How much a package may ask of the one who reads it. */
export interface ReadLimits {
  /** Bytes of one uncompressed layer. */
  readonly layerBytes: number;
  /** Bytes that all entries unpack to. */
  readonly totalBytes: number;
  /** Uncompressed bytes per compressed byte, over the whole file. */
  readonly ratio: number;
  /** Entries at one level. */
  readonly entries: number;
  /** Images of one archive, and of the package. */
  readonly images: number;
  /** Layers of one archive, and of one image. */
  readonly layers: number;
  readonly metadataBytes: number;
  /** Bytes of one JSON file in the image archive that is read. */
  readonly jsonBytes: number;
  readonly jsonDepth: number;
  /** Values in one JSON file. Bytes alone do not bound memory: `[],` takes forty, `{"a":[]},` a hundred and fifty. */
  readonly jsonValues: number;
  /** Parts that are carried along, each a document of its own in the log. */
  readonly parts: number;
  /** Time to read a package: so much for any, and the slowest reading of a large one. */
  readonly time: { readonly seconds: number; readonly bytesPerSecond: number };
}

export const defaultLimits: ReadLimits = {
  layerBytes: 64 * 1024 ** 3,
  totalBytes: 256 * 1024 ** 3,
  ratio: 200,
  entries: 20_000,
  images: 2_000,
  layers: 5_000,
  // The genuine exporters write some ten kilobytes, a logo and configuration files included.
  metadataBytes: 8 * 1024 ** 2,
  jsonBytes: 2 * 1024 ** 2,
  jsonDepth: 64,
  // A component has some hundred values: room for eight hundred of them.
  jsonValues: 100_000,
  parts: 5_000,
  time: { seconds: 900, bytesPerSecond: 1024 ** 2 },
};

/** One image of a package, its configuration checked against its name and its layers against its configuration. */
export interface PackagedImage {
  /** References it is known by in the archive, as written there. */
  readonly references: readonly string[];
  readonly config: Digest;
  readonly os: string;
  readonly architecture: string;
  readonly layers: readonly { readonly diffId: Digest; readonly size: number }[];
  /** Bills of materials that came with it. Absent: none. */
  readonly sboms?: readonly { readonly digest: Digest; readonly mediaType: string; readonly size: number }[];
}

/** An image that a source runs. */
export interface WantedImage {
  /** As the source calls it. */
  readonly reference: string;
  /** `os/architecture` or `os/architecture/variant`, where the source says it. */
  readonly platform?: string;
}

/** Something the reader of an import must know, though it stops nothing. */
export interface Notice {
  readonly code: string;
  /** Where: `component:<key>`, `template`, an entry's name. */
  readonly subject: string;
  readonly message: string;
}

/** How an identity was found, for those who import a package of the reference system. */
export interface MatchingRule {
  readonly component: string;
  readonly rule: 'service-key' | 'share-uuid' | 'share-uuid-tail';
}

/** A package of the `ram` format that was read whole and found sound. Its layers are in the staging area it was read into. */
export interface InspectedRam {
  readonly format: 'ram';
  readonly file: { readonly digest: Digest; readonly size: number };
  readonly manifest: Manifest;
  readonly manifestDigest: Digest;
  /** `metadata.json` as it stood in the package. */
  readonly source: Uint8Array;
  /** Documents that the manifest refers to by digest (routes, carried parts). */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  readonly images: readonly PackagedImage[];
  readonly notices: readonly Notice[];
}
