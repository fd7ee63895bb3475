import type { ReadLimits } from '../../package.js';
import {
  buildImage,
  buildImageArchive,
  buildRamPackage,
  ramMetadata,
  type ArchiveForm,
  type TarFileEntry,
} from '../index.js';

/** What it is, the code it is refused with, how it is made, and limits where the usual ones are too wide for a test. */
export type HostileCase = readonly [
  title: string,
  code: string,
  build: () => Promise<Uint8Array> | Uint8Array,
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
