import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { pack, type Pack } from 'tar-stream';
import { hexOf, sha256, canonicalJson, type Digest } from '@waybill/kernel';
import type { ImageSource, UnitImage } from '../runtime.js';
import { imageTag } from './imageName.js';

export interface ImageArchive {
  readonly stream: NodeJS.ReadableStream;
  /** What went wrong while it was written, if anything has. */
  failure(): unknown;
  /** What the engine will call the image; undefined when it calls it by its configuration. */
  readonly manifest?: Digest;
}

/** The form of `docker save`, with only these layers in it: the classic store takes the others from what it holds. */
export function dockerArchive(
  image: UnitImage,
  config: Uint8Array,
  send: ReadonlySet<Digest>,
  source: ImageSource,
): ImageArchive {
  const manifest = [
    {
      Config: `${hexOf(image.config)}.json`,
      RepoTags: [imageTag(image.config)],
      Layers: image.diffIds.map(layerName),
    },
  ];
  return archive(async (tar) => {
    addBytes(tar, `${hexOf(image.config)}.json`, config);
    addBytes(tar, 'manifest.json', Buffer.from(JSON.stringify(manifest)));
    for (const diffId of send) await addLayer(tar, layerName(diffId), diffId, source);
  });
}

const layerName = (diffId: Digest): string => `${hexOf(diffId)}/layer.tar`;

/** A complete OCI image layout; the containerd store names the image by the digest of the manifest made here. */
export async function ociArchive(image: UnitImage, config: Uint8Array, source: ImageSource): Promise<ImageArchive> {
  const layers = await Promise.all(
    image.diffIds.map(async (diffId) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar',
      digest: diffId,
      size: await source.layerSize(diffId),
    })),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: image.config,
      size: config.byteLength,
    },
    layers,
  };
  const manifestBytes = Buffer.from(canonicalJson(manifest));
  const manifestDigest = sha256(manifestBytes);
  const index = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: manifest.mediaType,
        digest: manifestDigest,
        size: manifestBytes.byteLength,
        platform: { architecture: image.architecture, os: image.os },
        annotations: {
          'io.containerd.image.name': imageTag(image.config),
          'org.opencontainers.image.ref.name': hexOf(image.config),
        },
      },
    ],
  };
  const written = archive(async (tar) => {
    addBytes(tar, 'oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    addBytes(tar, 'index.json', Buffer.from(canonicalJson(index)));
    addBytes(tar, blobName(manifestDigest), manifestBytes);
    addBytes(tar, blobName(image.config), config);
    for (const diffId of new Set(image.diffIds)) await addLayer(tar, blobName(diffId), diffId, source);
  });
  return { ...written, manifest: manifestDigest };
}

const blobName = (digest: Digest): string => `blobs/sha256/${hexOf(digest)}`;

function archive(write: (tar: Pack) => Promise<void>): ImageArchive {
  const tar = pack();
  let failure: unknown;
  // Who sends the archive meets the failure as that of the stream, and then asks here for its cause.
  write(tar).then(
    () => tar.finalize(),
    (error: unknown) => {
      failure = error;
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
    },
  );
  return { stream: tar as unknown as NodeJS.ReadableStream, failure: () => failure };
}

const fixed = { mode: 0o644, mtime: new Date(0) };

const addBytes = (tar: Pack, name: string, bytes: Uint8Array): void => {
  tar.entry({ name, ...fixed }, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
};

async function addLayer(tar: Pack, name: string, diffId: Digest, source: ImageSource): Promise<void> {
  const size = await source.layerSize(diffId);
  const layer: Readable = await source.readLayer(diffId);
  await pipeline(layer, tar.entry({ name, size, ...fixed }));
}
