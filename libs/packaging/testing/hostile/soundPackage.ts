import type { ReadLimits } from '../../package.js';
import {
  buildImage,
  buildImageArchive,
  buildRamPackage,
  ramMetadata,
  tarEntry,
  type ArchiveForm,
  type TarFileEntry,
} from '../index.js';

export type PackageBytes = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * What it is, the code it is refused with (`kept`: it is harmless and read; `kept: <code>` with a notice of that code), how it is made, and
 * limits where the usual ones are too wide for a test.
 */
export type HostileCase = readonly [
  title: string,
  outcome: string,
  build: () => Promise<PackageBytes> | PackageBytes,
  limits?: Partial<ReadLimits>,
];

export const base = { 'etc/base': 'base', bin: { type: '5' } };
export const db = buildImage({ references: ['demo/db:1'], layers: [base, { 'db/data': 'data' }] });
export const web = buildImage({ references: ['demo/web:1'], layers: [base, { 'web/index.html': 'hello' }] });
export const metadata = ramMetadata({
  components: [
    { key: 'db', image: 'demo/db:1' },
    { key: 'web', image: 'demo/web:1', dependsOn: ['db'] },
  ],
});
export const images = [db, web];
export const sound = { metadata, images } as const;

export type Entries = readonly TarFileEntry[];
export const entry = (more: TarFileEntry) => (entries: Entries) => [...entries, more];
export const before = (more: TarFileEntry) => (entries: Entries) => [more, ...entries];
export const change =
  (pattern: RegExp, with_: (entry: TarFileEntry) => TarFileEntry | undefined) =>
  (entries: Entries): Entries =>
    entries.flatMap((e) => (pattern.test(e.name) ? (with_(e) ?? []) : e));
export const inPackage = (mutate: (entries: Entries) => Entries) => buildRamPackage({ ...sound, mutate });
export const inImages = (mutateImages: (entries: Entries) => Entries, form: ArchiveForm = 'docker-save') =>
  buildRamPackage({ ...sound, form, mutateImages });
export const json = (e: TarFileEntry) =>
  JSON.parse(Buffer.from(e.content ?? '').toString()) as Record<string, unknown>[];
export const sized = (length: number) => Buffer.alloc(length, 'x');

/** Places for an entry: beside the images, and among them. */
export const levels = [
  { where: 'beside the images', put: inPackage, folder: 'package-1.0-ram/' },
  { where: 'among the images', put: inImages, folder: '' },
] as const;

/** The package with this text as its metadata.json. */
export const saying = (text: string | Uint8Array) => buildRamPackage({ images, metadata: Buffer.from(text) });

/** The package with members written over its metadata, and over its first component. */
export const claiming = (
  more: Readonly<Record<string, unknown>>,
  ofComponent: Readonly<Record<string, unknown>> = {},
) => buildRamPackage({ images, metadata: claimed(more, ofComponent) });

export function claimed(more: Readonly<Record<string, unknown>>, ofComponent: Readonly<Record<string, unknown>> = {}) {
  const [first, ...rest] = metadata['apps'] as readonly Readonly<Record<string, unknown>>[];
  return { ...metadata, apps: [{ ...first, ...ofComponent }, ...rest], ...more };
}

/** An archive of blocks as they are, alone in a package or as its images. */
export const blocks = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat([...parts, Buffer.alloc(1024)]);

/** An entry with bytes written over its header, whose checksum is made right again. */
export function overwritten(entry: TarFileEntry, at: number, bytes: string | Uint8Array): Uint8Array {
  const made = Buffer.from(tarEntry(entry));
  Buffer.from(bytes as string, 'latin1').copy(made, at);
  made.fill(0x20, 148, 156);
  const sum = made.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  made.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return made;
}

/** The first layer blob of an OCI archive. */
export const firstLayer = (with_: (entry: TarFileEntry) => TarFileEntry | undefined) =>
  change(new RegExp(layerName()), with_);

function layerName(): string {
  const archive = buildImageArchiveEntries();
  return archive.find((e) => e.name.startsWith('blobs/') && (e.content as Buffer | undefined)?.[0] === 0x1f)!.name;
}

function buildImageArchiveEntries(): Entries {
  let seen: Entries = [];
  buildImageArchive({ images, form: 'oci', mutate: (entries) => (seen = entries) });
  return seen;
}
