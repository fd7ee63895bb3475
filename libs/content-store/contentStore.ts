import type { Readable } from 'node:stream';
import type { Digest } from '@waybill/kernel';

/** A blob as it lies on disk. */
export interface StoredBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** A layer: keyed by the digest of its uncompressed bytes, whatever encoding it lies in. */
export interface StoredLayer {
  readonly diffId: Digest;
  /** Bytes when uncompressed. */
  readonly size: number;
  readonly encoding: 'raw' | 'gzip';
  /** Bytes on disk. */
  readonly storedSize: number;
  /** Of the bytes on disk; the diff id itself when they are raw. */
  readonly storedDigest: Digest;
}

/**
 * Blobs by digest on disk: each once, complete or not there at all. What a crash leaves behind is in staging areas, which `listStaging` names: commit or discard them.
 * Writes hash while they stream, go to a temporary file, are fsynced and then renamed.
 */
export interface ContentStore {
  /** A place to put content that is not trusted yet; nothing in it is visible in the store until `commit`. */
  stage(name: string): Promise<Staging>;
  /** Staging areas that a previous process left. */
  listStaging(): Promise<readonly string[]>;
  /** Bytes that still fit on its disk. */
  freeBytes(): Promise<number>;
  /** Bytes of all files in a staging area; 0 when it is gone. */
  stagingSize(name: string): Promise<number>;

  hasBlob(digest: Digest): Promise<boolean>;
  hasLayer(diffId: Digest): Promise<boolean>;
  layer(diffId: Digest): Promise<StoredLayer | undefined>;
  /** @throws WaybillError `blob-missing` */
  readBlob(digest: Digest): Promise<Readable>;
  /** The uncompressed bytes. @throws WaybillError `blob-missing` */
  readLayer(diffId: Digest): Promise<Readable>;
  /** The stored bytes in their stored encoding. @throws WaybillError `blob-missing` */
  readStoredLayer(diffId: Digest): Promise<Readable>;
  /**
   * Takes away what nothing needs, in two steps, so that who was about to need it loses nothing: first aside, where nobody finds it, then, when the
   * log still names nobody, for good. Each may be repeated.
   */
  readonly aside: Aside;
  /** Reads it whole and compares. A damaged one is set aside (renamed) and reported as `damaged`. */
  verify(kind: 'blob' | 'layer', digest: Digest): Promise<'sound' | 'missing' | 'damaged'>;
  listBlobs(): AsyncIterable<StoredBlob>;
  listLayers(): AsyncIterable<StoredLayer>;
}

/** A blob, or a layer by its diff id. */
export interface ContentItem {
  readonly kind: 'blob' | 'layer';
  readonly digest: Digest;
}

export interface Aside {
  /** Does nothing for what is not there. */
  put(item: ContentItem): Promise<void>;
  /** Where it was; what has come into its place meanwhile stays. */
  bringBack(item: ContentItem): Promise<void>;
  remove(item: ContentItem): Promise<void>;
  /** What was put aside, also by a server that was killed then. */
  list(): Promise<readonly ContentItem[]>;
}

/** What was staged; `digest` is of the bytes as they came, `diffId` of the uncompressed ones (equal for raw layers). */
export interface StagedLayer extends StoredLayer {
  readonly digest: Digest;
}

export interface LayerOptions {
  /** Bytes that will come, where that is known: what lies in the store in a file of this size is then compared with, and written only if it differs. */
  readonly size?: number;
  /** Of uncompressed bytes. */
  readonly maxBytes?: number;
  /** Compresses raw bytes while they are taken, for layers that will be written into packages; gzip is kept as it comes. */
  readonly compress?: boolean;
}

export interface Staging {
  readonly name: string;
  /** @throws WaybillError `blob-mismatch` when `expected` differs, `package-limit-exceeded`, `disk-full` */
  putBlob(
    bytes: Readable | Uint8Array,
    options?: { readonly expected?: Digest; readonly maxBytes?: number },
  ): Promise<StoredBlob>;
  /**
   * Takes raw or gzip bytes (told by their first bytes) and stores them as they come, unless asked to compress. A layer the store already has takes no room a second time.
   * @throws WaybillError `package-limit-exceeded`, `package-truncated` or `package-damaged` for gzip that cannot be read, `disk-full`
   */
  putLayer(bytes: Readable, options?: LayerOptions): Promise<StagedLayer>;
  /**
   * Compresses a raw layer of the store where it lies, once and for all, so that it can be copied into packages; who reads it meanwhile is not
   * disturbed. What a crash leaves of it is in this area.
   * @throws WaybillError `blob-missing`, `blob-damaged`, `disk-full`
   */
  compressLayer(diffId: Digest): Promise<StoredLayer>;
  /** Staged layers and blobs, also those of an earlier process: a staging area survives a restart. */
  layers(): Promise<readonly StoredLayer[]>;
  /** Keeps a layer that the store has from being lost to this area, though it be collected meanwhile. False: the store does not have it. */
  holdLayer(diffId: Digest): Promise<boolean>;
  /** Staged here, or in the store already: what was put is found. */
  hasLayer(diffId: Digest): Promise<boolean>;
  /** Staged here, or in the store already. */
  hasBlob(digest: Digest): Promise<boolean>;
  /** @throws WaybillError `blob-missing` */
  readBlob(digest: Digest): Promise<Readable>;
  /**
   * Puts what is named (absent: everything) into the store, each by one rename or link; may be repeated after a crash. The area keeps it as well until it is discarded,
   * so that what is taken away again by somebody who did not know of it can be put there once more.
   * @throws WaybillError `blob-missing` for what is named, but neither here nor in the store
   */
  commit(only?: { readonly layers?: readonly Digest[]; readonly blobs?: readonly Digest[] }): Promise<void>;
  /** Removes the staging area and what is still in it; may be repeated. */
  discard(): Promise<void>;
}
