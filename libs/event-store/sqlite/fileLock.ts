import { realpathSync } from 'node:fs';
import Database from 'libsql';
import { sqlError } from './sqlErrors.js';

/**
 * Keeps every other process, and every other opening in this one, out of a file until it is released or the process is gone.
 * It is the operating system's lock on `<file>-lock`, which is empty and stays; nobody has to clean up after a kill. The lock is not
 * taken on the file itself: the driver keeps that open until its statements are garbage, and then a closed store would stay locked.
 * @returns what releases it
 * @throws WaybillError `store-locked`, `store-unavailable`
 */
export function lockFile(file: string): () => void {
  try {
    const lock = new Database(`${realpathSync(file)}-lock`, { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      throw error;
    }
    return () => {
      lock.exec('ROLLBACK');
      lock.close();
    };
  } catch (error) {
    throw sqlError(error, file);
  }
}
