import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { WaybillError, withFailpoints } from '@waybill/kernel';

export const hasErrno = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');

/** A full disk has its own code, since the operator can do something about it. */
export function inWords(error: unknown, where: string): unknown {
  return hasErrno(error, 'ENOSPC', 'EDQUOT') ? new WaybillError('disk-full', { where }, { cause: error }) : error;
}

/** Makes names in a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await withFailpoints('fsync a folder of content', () => handle.sync());
  } finally {
    await handle.close();
  }
}

/**
 * Calls `write` with a new file, and makes its bytes survive a power cut; nothing is left when `write` fails. Waiting for the disk costs most,
 * so a file that turns out not to be wanted is spared it, and removed.
 */
export async function writeFileDurably<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  isWanted: (written: T) => Promise<boolean> = () => Promise.resolve(true),
): Promise<{ readonly written: T; readonly kept: boolean }> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      const written = await write(file);
      const kept = await isWanted(written);
      if (kept) await withFailpoints('fsync a file of content', () => file.sync());
      else await rm(path);
      return { written, kept };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw inWords(error, path);
  }
}

/** `write(2)` may take less than it was given. */
export async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) done += (await file.write(bytes, done, bytes.length - done)).bytesWritten;
}

/** Moves a directory to its final name. `false`: that name is taken by one that holds something. */
export async function moveDirectory(from: string, to: string): Promise<boolean> {
  try {
    await withFailpoints('rename a layer’s folder', () => rename(from, to));
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOTEMPTY', 'EEXIST')) return false;
    throw inWords(error, to);
  }
}
