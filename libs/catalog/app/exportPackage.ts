import { createHash } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import type { ContentStore, StoredLayer } from '@waybill/content-store';
import { digestFrom, hexOf, sha256, WaybillError, withoutUndefined, type Digest } from '@waybill/kernel';
import {
  gzipBytes,
  isLayer,
  plainBytes,
  sourceUnder,
  writeDockerComposePackage,
  writeRamPackage,
  writeWaybillPackage,
  type GzippedPackage,
  type Layers,
  type PackageDescription,
  type Piece,
  type Publisher,
} from '@waybill/packaging';
import type { ExportRequest } from '../domain/export.js';
import { contentOfImages } from '../domain/imageList.js';
import type { ExportedFile } from '../domain/exportEvents.js';
import type { ExportContent } from './exportContent.js';
import { mustCarry } from './mustCarry.js';
import { referencesIn } from './references.js';

/** A package that is put together, to be written. */
export interface PackageToWrite extends Pick<ExportedFile, 'name' | 'signer'> {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Bytes that it will have, or nearly. */
  readonly size: number;
}

/** @param layers compressed, those that the package is to hold */
export async function packageToWrite(
  request: Pick<ExportRequest, 'format' | 'base'>,
  content: ExportContent,
  layers: ReadonlyMap<Digest, StoredLayer>,
  deps: { readonly content: ContentStore; readonly publisher: () => Publisher; readonly signal: AbortSignal },
): Promise<PackageToWrite> {
  const { manifest, documents, blobs } = content;
  const { sourceFormat: format = 'ram' } = content.added.event.data;
  mustCarry(request.format, content.added.event.data);
  const source = sourceUnder(format, content.source, manifest.version);
  const images = new Map(content.images.map(({ config, layers: of }) => [config, of.map(({ diffId }) => diffId)]));
  const sound = soundLayers(deps.content);
  switch (request.format) {
    case 'ram':
      return gzipped(writeRamPackage({ source, manifest, documents, images, blobs, layers }), sound);
    case 'docker-compose': {
      const read = (diffId: Digest) => stoppable(deps.content, diffId, deps.signal);
      return gzipped(await writeDockerComposePackage({ manifest, images, blobs, layers }, read), sound);
    }
    case 'waybill': {
      const publisher = deps.publisher();
      const references = referencesIn(content.added.event.data, {
        source,
        manifest,
        documents,
        images: content.images,
      });
      const description = descriptionOf(content, publisher, references, source);
      const { roots, key, chain } = publisher;
      const { pieces, size } = writeWaybillPackage({ description, source, blobs, layers, roots, keys: [key] });
      return {
        name: `${nameText(manifest.template.name)}-${nameText(manifest.version)}${deltaText(request.base, content)}.waybill`,
        bytes: plainBytes(pieces, sound),
        size,
        signer: { publisher: chain.publisher, key: key.publicKey.fingerprint },
      };
    }
  }
}

const gzipped = ({ fileName, pieces }: GzippedPackage, layers: Layers): PackageToWrite => ({
  name: fileName,
  bytes: gzipBytes(pieces, layers),
  size: storedSize(pieces),
});

async function stoppable(content: ContentStore, diffId: Digest, signal: AbortSignal) {
  const bytes = await content.readLayer(diffId);
  return addAbortSignal(signal, bytes) as AsyncIterable<Uint8Array>;
}

function descriptionOf(
  { added, manifest, images, withdrawn, sboms }: ExportContent,
  { chain }: Publisher,
  references: ReadonlyMap<Digest, readonly string[]>,
  source: Uint8Array,
): PackageDescription {
  const { event, metadata } = added;
  const { data } = event;
  return {
    schema: 1,
    publisher: { id: chain.publisher, name: chain.newest.publisher, root: chain.newest.version },
    template: manifest.template,
    version: manifest.version,
    manifest: data.manifest,
    manifestSchema: data.manifestSchema,
    // What came from elsewhere was published there.
    published: (event.type === 'version-imported' ? event.data.published : undefined) ?? metadata.recordedAt,
    ...withoutUndefined({ notes: event.data.notes }),
    source: { format: data.sourceFormat ?? 'ram', digest: sha256(source) },
    images: images.map(({ config, os, architecture, layers }) => ({
      config,
      os,
      architecture,
      references: references.get(config) ?? [],
      layers,
      sboms: sboms
        .filter(({ image }) => image === config)
        .map(({ digest, mediaType, size }) => ({ digest, mediaType, size })),
    })),
    withdrawn,
  };
}

/** Layers as they are stored, each compared with its name: what was damaged on the disk must not leave the house. */
const soundLayers = (content: ContentStore): Layers => ({
  async readStoredLayer(diffId) {
    const layer = await content.layer(diffId);
    const bytes = await content.readStoredLayer(diffId);
    return Readable.from(compared(bytes as AsyncIterable<Uint8Array>, layer), { objectMode: false });
  },
});

async function* compared(bytes: AsyncIterable<Uint8Array>, layer: StoredLayer | undefined) {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  if (layer !== undefined && digestFrom(hash) !== layer.storedDigest)
    throw new WaybillError('blob-damaged', { digest: layer.diffId });
}

const storedSize = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + (isLayer(piece) ? piece.storedSize : piece.length), 0);

/** What is left out, and for whom, sets it apart: several may lie in one folder. What leaves nothing out is whole. */
function deltaText(base: ExportRequest['base'], { images, layers }: ExportContent): string {
  if (base === undefined || layers.length === contentOfImages(images).layers.length) return '';
  if ('inventory' in base) return `-delta-${shortOf(base.inventory)}`;
  const version = nameText(base.version);
  return `-delta-${version === base.version && version.length <= LONGEST_BASE ? version : shortOf(sha256(base.version))}`;
}

/** With it the longest name is still one that parts can have. */
const LONGEST_BASE = 20;

const shortOf = (digest: Digest): string => hexOf(digest).slice(0, 8);

/** Names are for people and may hold anything; a file name may not, and 255 bytes are the most that disks take. */
const nameText = (text: string): string => text.replaceAll(/[/\\\p{Cc}]/gu, '_').slice(0, 40) || '_';
