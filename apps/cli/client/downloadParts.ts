import { stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Part } from '@waybill/packaging';
import type { ExportedFileView } from '../api/export.js';
import { ending } from '../ending.js';
import type { Session } from '../session.js';
import { pathTo } from './client.js';
import { downloadFile } from './download.js';
import { makeFolder } from './makeFolder.js';

export interface DownloadedParts {
  readonly index: string;
  /** Paths. */
  readonly parts: readonly string[];
}

/**
 * Carries the parts of a split export into folders, each into the first that has it, a beginning of it, or room for it; the index lies in each that gets one.
 * @param wanted by their numbers
 * @throws as `downloadFile`; an ending when there is no room for a part, saying how to go on with another disk
 */
export async function downloadParts(
  session: Session,
  id: string,
  listed: NonNullable<ExportedFileView['parts']>,
  { folders, wanted }: { readonly folders: readonly string[]; readonly wanted: (number: number) => boolean },
): Promise<DownloadedParts> {
  const { parsePartsIndex, partsOf } = await import('@waybill/packaging');
  const fetched = (file: Pick<ExportedFileView, 'name' | 'digest' | 'size'>, folder: string) =>
    downloadFile(session, pathTo('exports', id, 'files', file.name), file, folder);
  const index = { name: listed.name, digest: listed.index, size: listed.size };
  const [first = '.'] = folders;
  const path = await fetched(index, first);
  const parts = partsOf(parsePartsIndex(await readFile(path), listed.name));
  const written: string[] = [];
  for (const part of parts.filter(({ number }) => wanted(number))) {
    const folder = await folderFor(session, part, folders);
    if (folder === undefined) throw full(id, part, parts.length);
    await fetched(index, folder);
    written.push(await fetched(part, folder));
  }
  return { index: path, parts: written };
}

async function folderFor(
  { surroundings }: Session,
  { name, digest, size }: Part,
  folders: readonly string[],
): Promise<string | undefined> {
  const begun = `${name}.${digest.slice(-12)}.part`;
  for (const folder of folders)
    for (const there of [name, begun])
      if (await exists(join(resolve(surroundings.workingFolder, folder), there))) return folder;
  for (const folder of folders) {
    const directory = resolve(surroundings.workingFolder, folder);
    await makeFolder(directory);
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize >= size) return folder;
  }
  return undefined;
}

const full = (id: string, { number, name }: Part, count: number) =>
  ending(
    7,
    `There is no room for ${name}. What was written is whole. Go on with another disk:\n  waybill exports fetch ${id} --parts ${String(number)}-${String(count)} -o FOLDER`,
  );

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
