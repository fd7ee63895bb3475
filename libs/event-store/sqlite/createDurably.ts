import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { WaybillError, withFailpoints } from '@waybill/kernel';

/**
 * Makes the file, and the folders above it, if they are missing, and writes their names to the disk as well:
 * a file whose folder was not synced can be gone after a loss of power, whatever was written into it.
 * @throws WaybillError `store-unavailable`, `disk-full`
 */
export function createDurably(file: string): void {
  const folder = dirname(resolve(file));
  try {
    const topmost = mkdirSync(folder, { recursive: true });
    createEmpty(file);
    const last = topmost === undefined ? folder : dirname(topmost);
    for (let at = folder; ; at = dirname(at)) {
      syncFolder(at);
      if (at === last || at === dirname(at)) return;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new WaybillError('disk-full', { where: file }, { cause: error });
    throw new WaybillError('store-unavailable', { reason: message }, { cause: error });
  }
}

function createEmpty(file: string): void {
  try {
    // Only ever opened when new: closing a handle of a file drops the locks that SQLite holds on it in this process.
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    withFailpoints('fsync the folder of a database', () => fsyncSync(handle));
  } finally {
    closeSync(handle);
  }
}
