import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, rm, stat, utimes } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestFrom, WaybillError, withFailpoints, type Digest } from '@waybill/kernel';
import type { FileSource, PackageFile } from '../domain/importEvents.js';
import type { CatalogDependencies } from './dependencies.js';

/** A file as a caller names it: by a path on the server, or by the upload it came as. */
export type FileLocation =
  | { readonly kind: 'path'; readonly path: string }
  | {
      readonly kind: 'upload';
      readonly file: string;
      readonly name: string;
      /** What it was announced with, once that was compared. */
      readonly digest?: Digest;
    };

type Places = Pick<CatalogDependencies, 'importRoots' | 'uploadsDir'>;

/** What stands in the event: enough to find the file again after a restart. Uploads are named relative to their folder, which may move. */
export async function fileSource(places: Places, location: FileLocation): Promise<FileSource> {
  const path = await findFile(places, location);
  if (location.kind === 'path') return { kind: 'path', path: location.path, name: basename(location.path) };
  const file = relative(await realpath(places.uploadsDir), path);
  return { kind: 'upload', file, name: basename(location.name) };
}

/**
 * The real path of a file that may be read: below a configured root, links followed.
 * @throws WaybillError `package-path-refused`, `package-not-found`, `upload-not-found`
 */
export async function findFile(places: Places, location: FileLocation | FileSource): Promise<string> {
  if (location.kind === 'upload') {
    const upload = await below([places.uploadsDir], location.file);
    if (upload.kind === 'found') return upload.path;
    throw new WaybillError('upload-not-found', { upload: location.file });
  }
  const found = await below(places.importRoots, location.path);
  switch (found.kind) {
    case 'found':
      return found.path;
    case 'missing':
      throw new WaybillError('package-not-found', { path: placed(location.path, places.importRoots) });
    case 'outside':
    case 'leads-outside': {
      const path = found.kind === 'outside' ? location.path : `${location.path}, a link that leads out of there`;
      throw new WaybillError('package-path-refused', { roots: places.importRoots, path });
    }
  }
}

/** A relative path is looked for below every root. */
const placed = (path: string, roots: readonly string[]): string =>
  isAbsolute(path) ? path : `${path} below ${roots.join(' or ')}`;

type Found =
  { readonly kind: 'found'; readonly path: string } | { readonly kind: 'missing' | 'outside' | 'leads-outside' };

async function below(roots: readonly string[], path: string): Promise<Found> {
  let result: Found = { kind: 'outside' };
  for (const root of roots) {
    const realRoot = await realOrNothing(root);
    const asked = isAbsolute(path) ? resolve(path) : resolve(root, path);
    // Whether a file outside exists is nobody's business: the name is checked before the disk is asked.
    if (realRoot === undefined || !(isBelow(resolve(root), asked) || isBelow(realRoot, asked))) continue;
    const real = await realOrNothing(asked);
    if (real === undefined) result = { kind: 'missing' };
    else if (isBelow(realRoot, real))
      return (await stat(real)).isFile() ? { kind: 'found', path: real } : { kind: 'missing' };
    else result = { kind: 'leads-outside' };
  }
  return result;
}

const isBelow = (root: string, path: string): boolean =>
  path.startsWith(root.endsWith(sep) ? root : root + sep) && path !== root;

async function realOrNothing(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** No file can have such a name, or none has it. */
const missing = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ERR_INVALID_ARG_VALUE'];
const isMissing = (error: unknown): boolean => missing.includes((error as { code?: string }).code ?? '');

/** Digest and size of a file, read as a stream. */
export async function fileDigest(path: string, signal?: AbortSignal): Promise<PackageFile> {
  const hash = createHash('sha256');
  const { size } = await stat(path);
  await pipeline(createReadStream(path), hash, signal === undefined ? {} : { signal });
  return { digest: digestFrom(hash), size };
}

/** Removes an upload that was used; a path on the server is left alone. */
export async function forgetUpload(places: Places, location: FileLocation): Promise<void> {
  if (location.kind === 'upload' && (await below([places.uploadsDir], location.file)).kind === 'found')
    await removeUpload(places, await fileSource(places, location));
}

/** An upload served its purpose: it is removed, with the note that the upload protocol keeps beside it, and the note of one whose removal was cut short. */
export async function removeUpload({ uploadsDir }: Pick<Places, 'uploadsDir'>, source: FileSource): Promise<void> {
  if (source.kind !== 'upload') return;
  const upload = await below([uploadsDir], source.file);
  if (upload.kind === 'found') await withFailpoints('remove an upload', () => rm(upload.path, { force: true }));
  else if (upload.kind !== 'missing' || basename(source.file) !== source.file) return;
  const note = `${resolve(uploadsDir, source.file)}.json`;
  await withFailpoints('remove the note of an upload', () => rm(note, { force: true }));
}

/** An upload that is waited with is not to go meanwhile: its age begins anew. */
export async function keepUpload(
  { uploadsDir }: Pick<Places, 'uploadsDir'>,
  source: FileSource,
  now: Date,
): Promise<void> {
  if (source.kind !== 'upload') return;
  const upload = await below([uploadsDir], source.file);
  if (upload.kind === 'found') await utimes(upload.path, now, now);
}
