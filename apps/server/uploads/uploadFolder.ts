import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUuid } from '@waybill/kernel';

/** Ids of everything that lies in the folder, notes without a file and files without a note included. */
export async function uploadIds(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).map((name) => name.replace(/\.json$/, ''));
  return [...new Set(names)].filter(isUuid);
}

/**
 * Removes the uploads to which nothing was added since, with what a kill may have left of one.
 * @param since milliseconds since 1970
 * @returns how many
 */
export async function removeAbandoned(folder: string, since: number): Promise<number> {
  let removed = 0;
  for (const id of await uploadIds(folder)) {
    const parts = [join(folder, id), join(folder, `${id}.json`)];
    const touched = await Promise.all(parts.map(lastChange));
    if (Math.max(...touched) > since) continue;
    await Promise.all(parts.map((part) => rm(part, { force: true })));
    removed += 1;
  }
  return removed;
}

async function lastChange(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
