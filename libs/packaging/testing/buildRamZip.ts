import type { BuiltImage } from './buildImage.js';
import { buildImageArchive } from './buildImageArchive.js';
import { zipFile, type ZipFileEnd, type ZipFileEntry } from './zipFile.js';

export interface RamZipDescription {
  /** JSON value. */
  readonly metadata: unknown;
  /** By the name of the component whose folder it lies in. */
  readonly images: Readonly<Record<string, BuiltImage>>;
  /** Configuration files, by the path below the folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly mutate?: (entries: readonly ZipFileEntry[]) => readonly ZipFileEntry[];
  readonly end?: ZipFileEnd;
}

/** A package as the genuine exporters wrote it before 5.3: a folder for each component, with its image and its configuration files. */
export function buildRamZip(description: RamZipDescription): Buffer {
  const { metadata, images, files = {}, folder = 'package-1.0', mutate = same, end = {} } = description;
  const file = (name: string, content: Uint8Array | string): ZipFileEntry => ({
    name: `${folder}/${name}`,
    content,
    descriptor: true,
  });
  const entries: readonly ZipFileEntry[] = [
    { name: `${folder}/` },
    ...Object.entries(images).flatMap(([component, image]) => [
      { name: `${folder}/${component}/` },
      file(`${component}/${fileName(image)}.image.tar`, buildImageArchive({ images: [image] })),
    ]),
    ...Object.entries(files).map(([name, content]) => file(name, content)),
    file('metadata.json', JSON.stringify(metadata)),
  ];
  return zipFile(mutate(entries), end);
}

const same = (entries: readonly ZipFileEntry[]) => entries;

/** The last part of the reference, its tag after two dashes. */
const fileName = ({ references }: BuiltImage): string =>
  (references[0] ?? 'image').split('/').at(-1)?.replace(':', '--').replaceAll(' ', '') ?? '';
