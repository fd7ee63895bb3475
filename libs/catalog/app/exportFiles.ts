import type { Stats } from 'node:fs';
import { link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashed, hasErrno, sparingWriter, syncDirectory, writeFileDurably } from '@waybill/content-store';
import { hexOf, isUuid, sha256, withFailpoints, type Digest, type ExportId } from '@waybill/kernel';

/** The packages of exports on disk: `<folder>/<export>/package`, whole or not there. Names that people read may hold anything and stand in the log only. */
export interface ExportFiles {
  pathOf(id: ExportId): string;
  /** Equal for packages that are one file on disk; `undefined` where there is none. */
  sameFile(id: ExportId): Promise<string | undefined>;
  /**
   * Writes the package and answers what it is; its bytes are on disk then. Two servers that do it at once write the same bytes. What another
   * export holds to the last byte is compared with it and not stored twice: it gets a second name.
   * @param size bytes that will come, or nearly
   * @throws WaybillError `disk-full`; what the bytes throw
   */
  write(
    id: ExportId,
    bytes: AsyncIterable<Uint8Array>,
    size: number,
  ): Promise<{ readonly digest: Digest; readonly size: number }>;
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
  const list = async () => (await namesIn(folder)).filter((name): name is ExportId => isUuid(name));

  /** Packages of other exports, those first whose sizes come nearest. */
  async function nearest(id: ExportId, size: number): Promise<readonly string[]> {
    const found: { readonly path: string; readonly apart: number }[] = [];
    for (const other of await list()) {
      const bytes = other === id ? undefined : (await statOf(pathOf(other)))?.size;
      if (bytes !== undefined) found.push({ path: pathOf(other), apart: Math.abs(bytes - size) });
    }
    return found.sort((a, b) => a.apart - b.apart).map(({ path }) => path);
  }

  return {
    pathOf,
    async sameFile(id) {
      const found = await statOf(pathOf(id));
      return found === undefined ? undefined : `${found.dev} ${found.ino}`;
    },
    async write(id, bytes, size) {
      const temporary = join(folderOf(id), partial);
      await mkdir(folderOf(id), { recursive: true });
      await rm(temporary, { force: true });
      const others = await nearest(id, size);
      const { written, kept } = await writeFileDurably(
        temporary,
        async (file) => {
          const writer = await sparingWriter(file, others);
          try {
            const found = await hashed(bytes, { each: (chunk) => writer.take(chunk) });
            const isShared = await shares(pathOf(id), await writer.twin());
            if (!isShared) await writer.complete();
            return { found, isShared };
          } finally {
            await writer.close();
          }
        },
        ({ isShared }) => Promise.resolve(!isShared),
      );
      if (kept) await withFailpoints('rename an exported package', () => rename(temporary, pathOf(id)));
      await syncDirectory(folderOf(id));
      await syncDirectory(folder);
      return written.found;
    },
    async removePartials(id) {
      for (const name of await namesIn(folderOf(id)))
        if (name !== PACKAGE) await rm(join(folderOf(id), name), { force: true });
    },
    remove: (id) =>
      withFailpoints('remove an exported package', () => rm(folderOf(id), { recursive: true, force: true })),
    list,
  };
}

/** Gives a file a second name, if it is still there and the file system can. */
async function shares(path: string, twin: string | undefined): Promise<boolean> {
  if (twin === undefined) return false;
  await rm(path, { force: true });
  try {
    await link(twin, path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EPERM', 'ENOTSUP', 'EMLINK')) return false;
    throw error;
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
