import { gzipSync } from 'node:zlib';
import { hexOf, sha256 } from '@waybill/kernel';
import type { BuiltImage } from './buildImage.js';
import { tarFile, type TarFileEntry } from './tarFile.js';

/** `docker-save`: as engines up to 24 write it; `oci`: as containerd and engines from 25 on do, gzip layers, with a `manifest.json`. */
export type ArchiveForm = 'docker-save' | 'oci';

export interface ArchiveDescription {
  readonly images: readonly BuiltImage[];
  readonly form?: ArchiveForm;
  /** The last word on the entries: leave out, add, reorder, replace. */
  readonly mutate?: (entries: readonly TarFileEntry[]) => readonly TarFileEntry[];
}

/** An image archive as a genuine exporter writes it, or a lie when `mutate` makes it one. */
export function buildImageArchive({ images, form = 'docker-save', mutate = (e) => e }: ArchiveDescription): Uint8Array {
  const entries = form === 'oci' ? ociEntries(images) : dockerSaveEntries(images);
  return tarFile(mutate(distinct(entries)));
}

/** A layer that stands under two ids is stored once; the other is a symlink, as docker save does it. */
function dockerSaveEntries(images: readonly BuiltImage[]): readonly TarFileEntry[] {
  const written = new Map<string, string>();
  const entries: TarFileEntry[] = [];
  const list = images.map((image) => {
    const layers = image.layers.map(({ diffId, tar }, index) => {
      const chain = image.layers.slice(0, index + 1).map((layer) => layer.diffId);
      const folder = hexOf(sha256(chain.join(' ')));
      const present = written.get(diffId);
      written.set(diffId, present ?? folder);
      entries.push(
        { name: `${folder}/`, type: '5' },
        { name: `${folder}/VERSION`, content: '1.0' },
        { name: `${folder}/json`, content: JSON.stringify({ id: folder, os: 'linux' }) },
        present === undefined || present === folder
          ? { name: `${folder}/layer.tar`, content: tar }
          : { name: `${folder}/layer.tar`, type: '2', link: `../${present}/layer.tar` },
      );
      return `${folder}/layer.tar`;
    });
    const config = `${hexOf(image.id)}.json`;
    entries.push({ name: config, content: image.config });
    return { Config: config, RepoTags: image.references.length === 0 ? null : image.references, Layers: layers };
  });
  return [
    ...entries,
    { name: 'manifest.json', content: JSON.stringify(list) },
    { name: 'repositories', content: '{}' },
  ];
}

function ociEntries(images: readonly BuiltImage[]): readonly TarFileEntry[] {
  const blobs: TarFileEntry[] = [];
  const add = (mediaType: string, content: Uint8Array) => {
    blobs.push({ name: blobName(content), content });
    return { mediaType, digest: sha256(content), size: content.length };
  };
  const manifests = images.flatMap((image) => {
    const config = add('application/vnd.docker.container.image.v1+json', image.config);
    const layers = image.layers.map(({ tar }) =>
      add('application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(tar)),
    );
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    const manifest = add(mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })));
    if (image.references.length === 0) return [manifest];
    return image.references.map((reference) => ({
      ...manifest,
      annotations: {
        'io.containerd.image.name': reference,
        'org.opencontainers.image.ref.name': reference.split(':').at(-1),
      },
    }));
  });
  const list = images.map((image) => ({
    Config: blobName(image.config),
    RepoTags: image.references,
    Layers: image.layers.map(({ tar }) => blobName(gzipSync(tar))),
  }));
  return [
    { name: 'blobs/', type: '5' },
    { name: 'blobs/sha256/', type: '5' },
    ...blobs,
    { name: 'index.json', content: JSON.stringify({ schemaVersion: 2, manifests }) },
    { name: 'manifest.json', content: JSON.stringify(list) },
    { name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}' },
  ];
}

const blobName = (content: Uint8Array): string => `blobs/sha256/${hexOf(sha256(content))}`;

/** Images that share layers name the same entries. */
function distinct(entries: readonly TarFileEntry[]): readonly TarFileEntry[] {
  const names = new Set<string>();
  return entries.filter(({ name }) => !names.has(name) && names.add(name));
}
