import { WaybillError, type Digest } from '@waybill/kernel';
import type { ReadingContext } from '../image/collectEntries.js';
import { limited } from '../limited.js';
import { readImages, sameImage } from '../image/readImages.js';
import type { Notice, PackagedImage } from '../package.js';
import { refused } from '../tar/entryNames.js';
import { inOnePiece } from '../tar/inOnePiece.js';
import type { TarEntry } from '../tar/readTar.js';
import { otherPackages } from './otherPackages.js';

export interface RamContents {
  readonly metadata: Uint8Array;
  readonly images: readonly PackagedImage[];
  readonly notices: readonly Notice[];
}

/** Entries that nothing is known about are listed one by one up to this many. */
const LISTED = 20;

/** Where images lie: in archives of many beside `metadata.json`, or, in packages from before 5.3, in one archive each in a folder for each component. */
export type RamLayout = 'together' | 'apart';

/** Takes the entries of a package as they come: metadata before the images or after them. */
export async function readContents(
  entries: AsyncIterable<TarEntry>,
  file: string,
  context: ReadingContext,
  layout: RamLayout,
): Promise<RamContents> {
  const images = new Map<Digest, PackagedImage>();
  const notices: Notice[] = [];
  const unknown: string[] = [];
  const others = otherPackages();
  let metadata: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  let root: string | undefined;
  let count = 0;
  let unknownCount = 0;
  let listed = 0;

  for await (const entry of entries) {
    count++;
    if (entry.target !== undefined) throw refused(entry.name, 'links have no place beside the images.');
    if (entry.kind === 'directory') continue;
    const part = partOf(entry.name, layout);
    if (part === 'unknown') {
      others.see(entry.name);
      unknownCount++;
      if (unknown.length < LISTED) unknown.push(entry.name);
      continue;
    }
    if (part === 'metadata' && metadata !== undefined)
      throw new WaybillError('package-duplicate-entry', { entry: entry.name });
    root ??= folderOf(entry.name);
    if (folderOf(entry.name) !== root) throw refused(entry.name, `it lies outside the root folder "${root}".`);
    if (part === 'metadata') metadata = { name: entry.name, bytes: await readMetadata(entry, context) };
    else {
      // What cannot be imported is called by its name before its images are read.
      if (metadata === undefined) others.expectNone(file);
      const found = await readImages(entry.bytes, entry.name, context);
      for (const image of found) images.set(image.config, sameImage(images.get(image.config), image));
      listed += found.length;
      limited('The number of images', listed, context.limits.images, entry.name);
      notices.push(...archiveNotices(entry.name, found));
    }
  }

  if (count === 0) throw new WaybillError('package-empty', { file });
  if (metadata === undefined) {
    others.expectNone(file);
    throw new WaybillError('package-no-metadata', { file });
  }
  return {
    metadata: metadata.bytes,
    images: [...images.values()],
    notices: [...notices, ...unknownNotices(unknown, unknownCount)],
  };
}

const folderOf = (name: string): string => name.split('/')[0] ?? '';

function partOf(name: string, layout: RamLayout): 'metadata' | 'images' | 'unknown' {
  const [, ...below] = name.split('/');
  const leaf = below.at(-1);
  if (leaf === undefined || below.length > (layout === 'apart' ? 2 : 1)) return 'unknown';
  if (leaf === 'metadata.json' && below.length === 1) return 'metadata';
  // A bare image archive has its layers just there.
  return leaf.endsWith('.tar') && leaf !== 'layer.tar' ? 'images' : 'unknown';
}

async function readMetadata(entry: TarEntry, { limits }: ReadingContext): Promise<Uint8Array> {
  limited('The size of metadata.json in bytes', entry.size, limits.metadataBytes, entry.name);
  return inOnePiece(entry.bytes, entry.size);
}

function archiveNotices(name: string, images: readonly PackagedImage[]): readonly Notice[] {
  if (images.length === 0) return [{ code: 'image-archive-empty', subject: name, message: `${name} holds no image.` }];
  if (!name.includes('/plugin')) return [];
  const list = images.map((image) => image.references[0] ?? image.config).join(', ');
  return [
    {
      code: 'plugin-images',
      subject: name,
      message: `Images of plugins are carried, but plugins are not run: ${list}.`,
    },
  ];
}

function unknownNotices(names: readonly string[], count: number): readonly Notice[] {
  const notices = names.map((name) => ({
    code: 'unknown-entry',
    subject: name,
    message: `${name} is no part of a package that is known; it was passed over.`,
  }));
  if (count === names.length) return notices;
  const message = `${count - names.length} more entries are no part of a package that is known; they were passed over.`;
  return [...notices, { code: 'unknown-entry', subject: 'package', message }];
}
