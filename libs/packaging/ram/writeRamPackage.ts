import { hexOf, WaybillError, type Digest } from '@waybill/kernel';
import type { Manifest } from '../manifest.js';
import { manifestDigest } from '../manifestDigest.js';
import { tarPieces, type Piece, type TarMember } from '../write/pieces.js';
import { exportedMetadata, sourceObject } from './exportedMetadata.js';
import type { JsonObject } from './json.js';
import type { RamContent } from './ramContent.js';
import { taggedImages, type TaggedImage } from './taggedImages.js';

export interface RamPackage {
  /** As the reference system calls it: `<name>-<version>-ram.tar.gz`. */
  readonly fileName: string;
  /** Of the uncompressed tar; to be written by `gzipBytes`. */
  readonly pieces: readonly Piece[];
}

/**
 * A package as the reference system's importers expect it: unknown fields kept, registry access blanked, images of plugins only where there are plugins.
 * @throws WaybillError `blob-missing`, `package-image-missing`
 */
export function writeRamPackage(content: RamContent): RamPackage {
  const { manifest } = content;
  const source = sourceObject(content.source);
  const images = taggedImages(source, content);
  const folder = `${fileText(manifest.template.name)}-${fileText(manifest.version)}-ram`;
  const members: TarMember[] = [
    { name: folder, content: 'folder' },
    { name: `${folder}/metadata.json`, content: metadataFile(source, manifest), mode: 0o755 },
    ...archive(`${folder}/component-images.tar`, images.components, content),
    ...(images.plugins.length === 0 ? [] : archive(`${folder}/plugin-images.tar`, images.plugins, content)),
  ];
  return { fileName: `${folder}.tar.gz`, pieces: tarPieces(members, ({ size }) => size).pieces };
}

const metadataFile = (source: JsonObject, manifest: Manifest): Buffer =>
  Buffer.from(exportedMetadata(source, manifestDigest(manifest)));

/** In the form of `docker save`, a layer that images share once. */
function archive(name: string, images: readonly TaggedImage[], content: RamContent): readonly TarMember[] {
  const layers = [...new Set(images.flatMap(({ diffIds }) => diffIds))];
  const list = images.map(({ config, references, diffIds }) => ({
    Config: `${hexOf(config)}.json`,
    RepoTags: references,
    Layers: diffIds.map(layerName),
  }));
  return [
    {
      name,
      content: [
        ...images.map(({ config }) => ({ name: `${hexOf(config)}.json`, content: held(content.blobs, config) })),
        ...layers.map((diffId) => ({ name: layerName(diffId), content: held(content.layers, diffId) })),
        { name: 'manifest.json', content: Buffer.from(JSON.stringify(list)) },
      ],
    },
  ];
}

const layerName = (diffId: Digest): string => `${hexOf(diffId)}/layer.tar`;

function held<T>(from: ReadonlyMap<Digest, T>, digest: Digest): T {
  const found = from.get(digest);
  if (found === undefined) throw new WaybillError('blob-missing', { digest, packages: 'the version that is exported' });
  return found;
}

/** Names are for people and may hold anything; a file name may not. */
const fileText = (text: string): string => text.replaceAll(/[/\\\p{Cc}]/gu, '_').slice(0, 80) || '_';
