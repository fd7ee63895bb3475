import { open } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { digestFrom, WaybillError, type Digest } from '@waybill/kernel';

/** A package: one file, or the parts it was split into, in their order. */
export type PackageFile =
  | {
      readonly path: string;
      /** What messages call it; without it, the last part of the path. */
      readonly name?: string;
    }
  | { readonly name: string; readonly parts: readonly PartFile[] };

export interface PartFile {
  readonly path: string;
  /** Bytes it must have. */
  readonly size: number;
}

/** A package that can be read from anywhere in it. */
export interface PackageBytes {
  /** What messages call it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly these bytes. @throws WaybillError `package-truncated` when the file has become shorter */
  read(at: number, length: number): Promise<Buffer>;
  /** Fills `place` as far as there are bytes from there on, and answers how many; 0 at the end. */
  readInto(place: Uint8Array, at: number): Promise<number>;
  stream(at: number, length: number): AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}

/** Bytes that are read at a time. */
export const PIECE = 256 * 1024;

/** @throws WaybillError `package-not-found`; `part-differs` for a part of another size */
export const openPackage = (file: PackageFile): Promise<PackageBytes> =>
  'path' in file ? openPackageBytes(file.path, file.name) : openParts(file.name, file.parts);

/** @throws WaybillError `package-not-found` */
export async function openPackageBytes(path: string, name = basename(path)): Promise<PackageBytes> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw notFound(path, cause);
  });
  const found = await handle.stat();
  if (!found.isFile()) {
    await handle.close();
    throw notFound(path);
  }
  const readInto = async (place: Uint8Array, at: number): Promise<number> => {
    let done = 0;
    while (done < place.length) {
      const { bytesRead } = await handle.read(place, done, place.length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  };
  return packageBytes(name, found.size, readInto, () => handle.close());
}

/** The whole is never put together: a piece that lies in two parts is read out of both. */
async function openParts(name: string, files: readonly PartFile[]): Promise<PackageBytes> {
  const parts: { readonly at: number; readonly size: number; readonly bytes: PackageBytes }[] = [];
  const close = async () => {
    for (const { bytes } of parts) await bytes.close();
  };
  let size = 0;
  try {
    for (const file of files) {
      const bytes = await openPackageBytes(file.path);
      parts.push({ at: size, size: file.size, bytes });
      if (bytes.size !== file.size)
        throw new WaybillError('part-differs', {
          part: bytes.name,
          package: name,
          expected: `${String(file.size)} bytes`,
          actual: `${String(bytes.size)} bytes`,
        });
      size += file.size;
    }
  } catch (error) {
    await close();
    throw error;
  }
  const readInto = async (place: Uint8Array, at: number): Promise<number> => {
    let done = 0;
    for (const part of parts) {
      const from = at + done - part.at;
      if (from < 0 || from >= part.size || done === place.length) continue;
      const wanted = place.subarray(done, done + Math.min(place.length - done, part.size - from));
      const read = await part.bytes.readInto(wanted, from);
      done += read;
      if (read < wanted.length) break;
    }
    return done;
  };
  return packageBytes(name, size, readInto, close);
}

function packageBytes(
  name: string,
  size: number,
  readInto: PackageBytes['readInto'],
  close: PackageBytes['close'],
): PackageBytes {
  const read = async (at: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.allocUnsafe(length);
    const done = await readInto(bytes, at);
    if (done < length) throw new WaybillError('package-truncated', { file: name, where: `byte ${at + done}` });
    return bytes;
  };
  return {
    name,
    size,
    read,
    readInto,
    async *stream(at, length) {
      for (let done = 0; done < length; done += PIECE) yield await read(at + done, Math.min(PIECE, length - done));
    },
    close,
  };
}

/** Of the whole file. */
export async function digestOfFile(file: PackageBytes, onProgress?: (bytes: number) => void): Promise<Digest> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const piece of file.stream(0, file.size)) {
    hash.update(piece);
    onProgress?.((done += piece.length));
  }
  return digestFrom(hash);
}

function notFound(path: string, cause?: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'ENOENT';
  if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(code)) return cause;
  return new WaybillError('package-not-found', { path }, { cause });
}
