import { open, type FileHandle } from 'node:fs/promises';
import { hasErrno, writeAll } from './durable.js';

/** Takes the bytes of a file that another one may hold already. */
export interface SparingWriter {
  /** Writes nothing as long as one of the others has held the same bytes from its beginning. */
  take(bytes: Uint8Array): Promise<void>;
  /** Writes what was spared so far: the file is wanted after all. */
  complete(): Promise<void>;
  /** One of the others that holds just what was taken, and no more. */
  twin(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** More files of one size than this are hardly ever met, and each is read along. */
const MOST = 4;
const COPIED = 1024 ** 2;

/**
 * Writes to `file` from the first byte on that none of the files at `paths` has in the same place, and then what was spared before. What is equal
 * is only read, which costs a fraction of writing it. Nothing is trusted: whoever calls tells by the digest of what was taken whether it is wanted.
 */
export async function sparingWriter(file: FileHandle, paths: readonly string[]): Promise<SparingWriter> {
  const opened: Other[] = [];
  for (const path of paths.slice(0, MOST)) opened.push(...(await openedIfThere(path)));
  let alike: readonly Other[] = opened;
  let spared = 0;
  let place = Buffer.alloc(0);

  async function holds({ file: other }: Other, bytes: Uint8Array): Promise<boolean> {
    if (place.length < bytes.length) place = Buffer.allocUnsafeSlow(bytes.length);
    return (
      (await filled(other, place, bytes.length, spared)) && place.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
    );
  }

  async function complete(): Promise<void> {
    const [model] = alike;
    alike = [];
    if (model === undefined) return;
    const piece = Buffer.allocUnsafeSlow(Math.min(COPIED, spared));
    for (let done = 0; done < spared;) {
      const length = Math.min(piece.length, spared - done);
      if (!(await filled(model.file, piece, length, done)))
        throw new Error('a stored layer became shorter while it was read');
      await writeAll(file, piece.subarray(0, length));
      done += length;
    }
  }

  return {
    async take(bytes) {
      const still: Other[] = [];
      for (const other of alike) if (await holds(other, bytes)) still.push(other);
      if (still.length > 0) {
        alike = still;
        spared += bytes.length;
        return;
      }
      await complete();
      await writeAll(file, bytes);
    },
    complete,
    async twin() {
      for (const other of alike) if ((await other.file.stat()).size === spared) return other.path;
      return undefined;
    },
    async close() {
      await Promise.all(opened.map((other) => other.file.close()));
    },
  };
}

interface Other {
  readonly path: string;
  readonly file: FileHandle;
}

/** What was compressed or removed meanwhile is nothing to compare with. */
async function openedIfThere(path: string): Promise<readonly Other[]> {
  try {
    return [{ path, file: await open(path, 'r') }];
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Reads so many bytes from there on into `place`; `false`: there are fewer. */
async function filled(file: FileHandle, place: Uint8Array, length: number, at: number): Promise<boolean> {
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(place, done, length - done, at + done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}
