import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashed, hasErrno, syncDirectory, writeAll, writeFileDurably } from '@waybill/content-store';
import { hexOf, isUuid, sha256, withFailpoints, type Digest, type ExportId } from '@waybill/kernel';

/** The packages of exports on disk: `<folder>/<export>/package`, whole or not there. Names that people read may hold anything and stand in the log only. */
export interface ExportFiles {
  pathOf(id: ExportId): string;
  /**
   * Writes the package and answers what it is; its bytes are on disk then. Two servers that do it at once write the same bytes.
   * @throws WaybillError `disk-full`; what the bytes throw
   */
  write(id: ExportId, bytes: AsyncIterable<Uint8Array>): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Removes what servers left behind that were killed while they wrote it. */
  removePartials(id: ExportId): Promise<void>;
  remove(id: ExportId): Promise<void>;
  list(): Promise<readonly ExportId[]>;
}

const PACKAGE = 'package';

/** @param runner this server: another's half-written files are not its own */
export function exportFiles(folder: string, runner: string): ExportFiles {
  const folderOf = (id: ExportId) => join(folder, id);
  const pathOf = (id: ExportId) => join(folderOf(id), PACKAGE);
  const partial = `${hexOf(sha256(runner)).slice(0, 12)}.partial`;
  return {
    pathOf,
    async write(id, bytes) {
      const temporary = join(folderOf(id), partial);
      await mkdir(folderOf(id), { recursive: true });
      await rm(temporary, { force: true });
      const { written } = await writeFileDurably(temporary, (file) =>
        hashed(bytes, { each: (chunk) => writeAll(file, chunk) }),
      );
      await withFailpoints('rename an exported package', () => rename(temporary, pathOf(id)));
      await syncDirectory(folderOf(id));
      await syncDirectory(folder);
      return written;
    },
    async removePartials(id) {
      for (const name of await namesIn(folderOf(id)))
        if (name !== PACKAGE) await rm(join(folderOf(id), name), { force: true });
    },
    remove: (id) =>
      withFailpoints('remove an exported package', () => rm(folderOf(id), { recursive: true, force: true })),
    list: async () => (await namesIn(folder)).filter((name): name is ExportId => isUuid(name)),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
