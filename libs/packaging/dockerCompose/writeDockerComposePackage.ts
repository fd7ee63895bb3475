import { createHash } from 'node:crypto';
import { digestFrom, sha256, type ComponentKey, type Digest } from '@waybill/kernel';
import { manifestDigest } from '../manifestDigest.js';
import type { RamContent } from '../ram/ramContent.js';
import { writeChecksums } from '../waybill/checksums.js';
import { dockerArchive } from '../write/dockerArchive.js';
import { fileText } from '../write/fileText.js';
import { isLayer, tarPieces, type GzippedPackage, type Piece, type TarMember } from '../write/pieces.js';
import { composeFile } from './composeFile.js';
import { composed } from './composed.js';
import { envExample } from './envExample.js';
import { packageFiles } from './files.js';
import { notCarried } from './notCarried.js';
import { readme } from './readme.js';
import { runScript } from './runScript.js';
import { healthCheckOf, servicesOf, type Service } from './services.js';

export type DockerComposeContent = Pick<RamContent, 'manifest' | 'images' | 'blobs' | 'layers'>;

const IMAGES = 'images.tar';

/**
 * A folder that anyone runs with Docker Compose, without Waybill and without a network. No secret is in it: they are made where it is started.
 * @param readLayer the bytes of a layer, uncompressed: the archive of images is read once for its checksum
 * @throws WaybillError `blob-missing`, `template-invalid` for a command line that cannot be split; what the layers throw
 */
export async function writeDockerComposePackage(
  content: DockerComposeContent,
  readLayer: (diffId: Digest) => Promise<AsyncIterable<Uint8Array>>,
): Promise<GzippedPackage> {
  const { manifest } = content;
  const package_ = composed(manifest);
  const services = servicesOf(package_);
  const facts = { manifestDigest: manifestDigest(manifest), notices: notCarried(package_) };
  const files: readonly (TarMember & { readonly content: Buffer })[] = [
    { name: 'README.txt', content: Buffer.from(readme(services, package_, facts)) },
    { name: 'run.sh', content: Buffer.from(runScript(services, package_)), mode: 0o755 },
    {
      name: 'docker-compose.yaml',
      content: Buffer.from(composeFile(services, package_, (key) => isChecked(key, services, content))),
    },
    { name: '.env.example', content: Buffer.from(envExample(package_)) },
    ...services
      .flatMap(({ component }) => packageFiles(component, package_))
      .map(({ name, bytes, mode }) => ({ name, content: bytes, mode })),
  ];
  const archive = dockerArchive(archivedImages(services, content), content);
  const images = tarPieces(archive, ({ size }) => size).pieces;
  const sums = writeChecksums(
    new Map([
      ...files.map((file) => [file.name, sha256(file.content)] as const),
      [IMAGES, await digestOf(images, readLayer)],
    ]),
  );
  const folder = `${fileText(manifest.template.name)}-${fileText(manifest.version)}-docker-compose`;
  const members: TarMember[] = [
    ...files,
    { name: 'SHA256SUMS', content: sums },
    { name: IMAGES, content: archive },
  ].map((member) => ({ ...member, name: `${folder}/${member.name}` }));
  return {
    fileName: `${folder}.tar.gz`,
    pieces: tarPieces([{ name: folder, content: 'folder' }, ...members], ({ size }) => size).pieces,
  };
}

/** An image goes by a name for each service that runs it. Sorted by configuration. */
function archivedImages(services: readonly Service[], { images }: DockerComposeContent) {
  const references = new Map<Digest, string[]>();
  for (const { image, reference } of services)
    references.set(image.config, [...(references.get(image.config) ?? []), reference]);
  return [...references]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([config, names]) => ({ config, references: names.sort(), diffIds: images.get(config) ?? [] }));
}

/** Does the engine ask whether it is well? By the template's probe, or by what the image says. */
function isChecked(key: ComponentKey, services: readonly Service[], { blobs }: DockerComposeContent): boolean {
  const service = services.find(({ component }) => component.key === key);
  if (service === undefined) return false;
  if (healthCheckOf(service.component) !== undefined) return true;
  const bytes = blobs.get(service.image.config);
  if (bytes === undefined) return false;
  const { config } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
    readonly config?: { readonly Healthcheck?: { readonly Test?: readonly string[] } } | null;
  };
  const [how] = config?.Healthcheck?.Test ?? [];
  return how !== undefined && how !== 'NONE';
}

async function digestOf(
  pieces: readonly Piece[],
  readLayer: (diffId: Digest) => Promise<AsyncIterable<Uint8Array>>,
): Promise<Digest> {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    if (!isLayer(piece)) hash.update(piece);
    else for await (const chunk of await readLayer(piece.diffId)) hash.update(chunk);
  }
  return digestFrom(hash);
}
