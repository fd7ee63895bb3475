import type { Manifest } from '../manifest.js';
import { manifestDigest } from '../manifestDigest.js';
import { dockerArchive, type ArchivedImage } from '../write/dockerArchive.js';
import { fileText } from '../write/fileText.js';
import { tarPieces, type GzippedPackage, type TarMember } from '../write/pieces.js';
import { exportedMetadata, sourceObject } from './exportedMetadata.js';
import type { JsonObject } from './json.js';
import type { RamContent } from './ramContent.js';
import { taggedImages } from './taggedImages.js';

/**
 * A package as the reference system's importers expect it: unknown fields kept, registry access blanked, images of plugins only where there are plugins.
 * @throws WaybillError `blob-missing`, `package-image-missing`
 */
export function writeRamPackage(content: RamContent): GzippedPackage {
  const { manifest } = content;
  const source = sourceObject(content.source);
  const images = taggedImages(source, content);
  const folder = `${fileText(manifest.template.name)}-${fileText(manifest.version)}-ram`;
  const members: TarMember[] = [
    { name: folder, content: 'folder' },
    { name: `${folder}/metadata.json`, content: metadataFile(source, manifest), mode: 0o755 },
    archive(`${folder}/component-images.tar`, images.components, content),
    ...(images.plugins.length === 0 ? [] : [archive(`${folder}/plugin-images.tar`, images.plugins, content)]),
  ];
  return { fileName: `${folder}.tar.gz`, pieces: tarPieces(members, ({ size }) => size).pieces };
}

const metadataFile = (source: JsonObject, manifest: Manifest): Buffer =>
  Buffer.from(exportedMetadata(source, manifestDigest(manifest)));

const archive = (name: string, images: readonly ArchivedImage[], content: RamContent): TarMember => ({
  name,
  content: dockerArchive(images, content),
});
