import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { partsOf, type Part, type PartsIndex } from './partsIndex.js';

/** A part, and the file that has its name, where there is one. */
export interface FoundPart extends Part {
  readonly path?: string;
  /** Of that file; another than the part's means that it is not whole. */
  readonly found?: number;
}

/** Looks for the parts of a package in folders, by name and size alone; a file of the right size goes before another one. */
export async function partsBeside(index: PartsIndex, folders: readonly string[]): Promise<readonly FoundPart[]> {
  return Promise.all(
    partsOf(index).map(async (part) => {
      const files: { readonly path: string; readonly found: number }[] = [];
      for (const folder of folders) {
        const path = join(folder, part.name);
        const found = await sizeOf(path);
        if (found !== undefined) files.push({ path, found });
      }
      return { ...part, ...(files.find(({ found }) => found === part.size) ?? files[0]) };
    }),
  );
}

/** Are the file's bytes as many as the part's? */
export const isWhole = (part: FoundPart): part is FoundPart & { readonly path: string } => part.found === part.size;

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
