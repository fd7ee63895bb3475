import { link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@waybill/kernel';
import { layerFileName, type Area } from './area.js';
import { hasErrno, moveDirectory, syncDirectory } from './durable.js';

/**
 * Gives one area what lies in another as well, by a second name of the same file: it costs no room, and whoever takes the one away leaves the other.
 * @returns false when it is not there, or is being taken away at this moment
 */
export const shareBlob = (from: Area, to: Area, digest: Digest): Promise<boolean> =>
  named(from.blobPath(digest), to.blobPath(digest));

/** The same for a layer. @param scratch a folder of `to` for what is not whole yet; `name` is free in it */
export async function shareLayer(
  from: Area,
  to: Area,
  diffId: Digest,
  { scratch, name }: { readonly scratch: string; readonly name: string },
): Promise<boolean> {
  const layer = await from.layer(diffId);
  if (layer === undefined) return false;
  const directory = join(scratch, name);
  await mkdir(directory);
  try {
    const file = layerFileName(layer);
    if (!(await named(join(from.layerPath(diffId), file), join(directory, file)))) return false;
    await syncDirectory(directory);
    await moveDirectory(directory, to.layerPath(diffId));
    return true;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function named(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return true;
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    // Not every shared file system gives a file two names; there the last one who needs it moves it.
    if (hasErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK')) return false;
    throw error;
  }
}
