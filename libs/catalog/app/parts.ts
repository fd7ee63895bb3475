import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode, isWaybillError, WaybillError, type Digest } from '@waybill/kernel';
import {
  digestOfFile,
  isWhole,
  MAX_INDEX,
  namedPart,
  openPackage,
  parsePartsIndex,
  partsBeside,
  partsOf,
  type PackageFile as Readable,
  type Part,
  type PartsIndex,
} from '@waybill/packaging';
import type { Begun, LostParts, ReceivedParts } from '../domain/import.js';
import type { FileSource, LostReason, PackageSource, PartsSource } from '../domain/importEvents.js';
import type { CatalogDependencies } from './dependencies.js';
import { fileDigest, fileSource, findFile, keepUpload, removeUpload, type FileLocation } from './packageFile.js';

type Places = Pick<CatalogDependencies, 'importRoots' | 'uploadsDir'>;
type Sources = Places & Pick<CatalogDependencies, 'documents'>;

/** A part that is there. */
export interface ReceivedPart {
  readonly part: Digest;
  readonly source: FileSource;
}

/**
 * What stands in the event of a file that is to be imported. The index of a split package is known by what is in it; parts that lie beside it on the
 * server are there at once.
 * @throws WaybillError as `findFile`; `parts-index-invalid`
 */
export async function requestedSource(
  deps: Sources,
  location: FileLocation,
): Promise<{ readonly source: PackageSource; readonly parts: readonly ReceivedPart[] }> {
  const source = await fileSource(deps, location);
  const bytes = await indexIn(await findFile(deps, source));
  if (bytes === undefined) return { source, parts: [] };
  const index = parsePartsIndex(bytes, source.name);
  const { name, digest } = index.package;
  return {
    source: {
      kind: 'parts',
      name,
      index: await deps.documents.put(bytes),
      package: digest,
      count: index.parts.length,
      distinct: new Set(index.parts).size,
      ...(source.kind === 'upload' ? { upload: source.file } : {}),
    },
    parts: source.kind === 'path' ? await besideOnServer(deps, index, source.path) : [],
  };
}

/** The file's bytes, when it is an index. */
async function indexIn(path: string): Promise<Uint8Array | undefined> {
  const bytes = await openPackage({ path });
  try {
    if (bytes.size > MAX_INDEX) return undefined;
    const first = (await bytes.read(0, Math.min(4096, bytes.size))).toString('latin1');
    return first.startsWith('{') && first.includes('"partSize"') ? await bytes.read(0, bytes.size) : undefined;
  } finally {
    await bytes.close();
  }
}

async function besideOnServer(deps: Places, index: PartsIndex, path: string): Promise<readonly ReceivedPart[]> {
  const found = await partsBeside(index, [dirname(await findFile(deps, { kind: 'path', path }))]);
  const received = new Map<Digest, FileSource>();
  for (const { digest, name } of found.filter(isWhole))
    if (!received.has(digest)) received.set(digest, { kind: 'path', path: join(dirname(path), name), name });
  return [...received].map(([part, source]) => ({ part, source }));
}

export const indexOf = async (
  { documents }: Pick<CatalogDependencies, 'documents'>,
  { index, name }: PartsSource,
): Promise<PartsIndex> => parsePartsIndex(await documents.get(index), name);

/**
 * Which part a file is. What was uploaded is told by its content; what lies on the server by name and size, for its content is compared when it is
 * read, as a whole.
 * @throws WaybillError `part-differs`, `part-unknown`; as `findFile`
 */
export async function partIn(deps: Places, index: PartsIndex, location: FileLocation): Promise<ReceivedPart> {
  const source = await fileSource(deps, location);
  const path = await findFile(deps, source);
  const parts = partsOf(index);
  const called = parts.find(({ name }) => name === source.name);
  const actual = await contentOf(location, path, called);
  const part = parts.find(({ digest }) => digest === actual);
  if (part !== undefined) return { part: part.digest, source };
  const { name } = index.package;
  if (called === undefined && namedPart(source.name)?.package !== name)
    throw new WaybillError('part-unknown', { file: source.name, package: name });
  throw new WaybillError('part-differs', {
    part: source.name,
    package: name,
    expected: called === undefined ? `one of ${String(parts.length)}` : called.digest,
    actual,
  });
}

async function contentOf(location: FileLocation, path: string, called: Part | undefined): Promise<string> {
  if (location.kind === 'upload') return location.digest ?? (await fileDigest(path)).digest;
  const { size } = await stat(path);
  return called?.size === size ? called.digest : `a file of ${String(size)} bytes`;
}

/** What is read as a package, and the index of its parts where it has some. */
export interface LocatedPackage {
  readonly file: Readable;
  readonly index?: PartsIndex;
}

/** @throws WaybillError as `findFile`; `part-missing`, `part-differs` with the parts in `lost` */
export async function locatePackage(
  deps: Sources,
  { request: { source }, parts = new Map() }: Pick<Begun, 'request' | 'parts'>,
): Promise<LocatedPackage> {
  if (source.kind !== 'parts') return { file: { path: await findFile(deps, source), name: source.name } };
  const index = await indexOf(deps, source);
  const found = await Promise.all(
    partsOf(index).map(async (part) => ({ part, path: await pathOf(deps, parts, part) })),
  );
  const gone = found.filter(({ path }) => path === undefined).map(({ part }) => part);
  if (gone.length > 0)
    throw new WaybillError('part-missing', { package: source.name, parts: names(gone), lost: digests(gone) });
  const files = found.map(({ part: { size }, path = '' }) => ({ path, size }));
  const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size));
  const others = found.flatMap(({ part }, at) => (sizes[at] === part.size ? [] : [part]));
  if (others.length > 0) throw differ(source.name, others);
  return { file: { name: source.name, parts: files }, index };
}

async function pathOf(deps: Places, parts: ReceivedParts, { digest }: Part): Promise<string | undefined> {
  const source = parts.get(digest);
  return source === undefined ? undefined : findExisting(deps, source);
}

/** Where the file lies, or nothing when it is gone. */
export async function findExisting(deps: Places, source: FileSource): Promise<string | undefined> {
  try {
    return await findFile(deps, source);
  } catch (error) {
    if (hasCode(error, 'upload-not-found') || hasCode(error, 'package-not-found')) return undefined;
    throw error;
  }
}

/**
 * Reads a package; when it is not the whole that its index promises, or not sound, and parts of it are not what they should be, it is their fault.
 * @throws WaybillError `part-differs` with the parts in `lost`, `parts-index-invalid`; what `read` throws
 */
export async function readLocated<T extends { readonly file: { readonly digest: Digest } }>(
  { file, index }: LocatedPackage,
  read: (file: Readable) => Promise<T>,
): Promise<T> {
  if (index === undefined || 'path' in file) return read(file);
  let found: T;
  try {
    found = await read(file);
  } catch (error) {
    if (!isWaybillError(error)) throw error;
    const others = await differing(index, file);
    throw others.length === 0 ? error : differ(file.name, others, error);
  }
  if (found.file.digest === index.package.digest) return found;
  const others = await differing(index, file);
  if (others.length > 0) throw differ(file.name, others);
  throw new WaybillError('parts-index-invalid', {
    file: file.name,
    reason: `its parts make up ${found.file.digest}, not ${index.package.digest}`,
  });
}

async function differing(index: PartsIndex, { parts }: { readonly parts: readonly { readonly path: string }[] }) {
  const others: Part[] = [];
  for (const [at, part] of partsOf(index).entries()) {
    const bytes = await openPackage({ path: parts[at]?.path ?? '' });
    try {
      if ((await digestOfFile(bytes)) !== part.digest) others.push(part);
    } finally {
      await bytes.close();
    }
  }
  return others;
}

const differ = (name: string, parts: readonly Part[], cause?: unknown): WaybillError =>
  new WaybillError(
    'part-differs',
    {
      part: names(parts),
      package: name,
      expected: parts.map(({ digest }) => digest).join(', '),
      actual: 'something else',
      lost: digests(parts),
    },
    { cause },
  );

const names = (parts: readonly Part[]): string => parts.map(({ name }) => name).join(', ');
const digests = (parts: readonly Part[]): readonly Digest[] => [...new Set(parts.map(({ digest }) => digest))];

/** Which parts must come again, by what reading the package failed with. */
export function lostParts(
  error: unknown,
): { readonly parts: readonly Digest[]; readonly reason: LostReason } | undefined {
  if (!hasCode(error, 'part-missing') && !hasCode(error, 'part-differs')) return undefined;
  const { lost } = error.details;
  if (!Array.isArray(lost)) return undefined;
  return { parts: lost as readonly Digest[], reason: error.code === 'part-missing' ? 'gone' : 'differs' };
}

/** A part that must still come, and why again. */
export interface MissingPart extends Pick<Part, 'number' | 'name' | 'size' | 'digest'> {
  readonly reason?: LostReason;
}

/** In their order. */
export const missingParts = (
  index: PartsIndex,
  { parts, lost }: { readonly parts: ReceivedParts; readonly lost: LostParts },
): readonly MissingPart[] =>
  partsOf(index).flatMap(({ number, name, size, digest }) => {
    const reason = lost.get(digest);
    return parts.has(digest) ? [] : [{ number, name, size, digest, ...(reason === undefined ? {} : { reason }) }];
  });

/** The uploads of an import: its package, or the index and the parts. */
export function uploadsOf({ request: { source }, parts = new Map() }: Pick<Begun, 'request' | 'parts'>) {
  const own: readonly FileSource[] =
    source.kind !== 'parts'
      ? [source]
      : source.upload === undefined
        ? []
        : [{ kind: 'upload', file: source.upload, name: basename(source.name) }];
  return [...own, ...parts.values()];
}

export async function removeUploads(deps: Places, state: Pick<Begun, 'request' | 'parts'>): Promise<void> {
  for (const upload of uploadsOf(state)) await removeUpload(deps, upload);
}

/** Uploads go when nothing was added to them for a week: of a package in parts, when nothing was added to any. */
export async function keepUploads(deps: Places, state: Pick<Begun, 'request' | 'parts'>, now: Date): Promise<void> {
  for (const upload of uploadsOf(state)) await keepUpload(deps, upload, now);
}
