import { open, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { digestFrom, WaybillError, type Digest } from '@waybill/kernel';

/** A package file that can be read from anywhere in it. */
export interface PackageBytes {
  /** What messages call it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly these bytes. @throws WaybillError `package-truncated` when the file has become shorter */
  read(at: number, length: number): Promise<Buffer>;
  stream(at: number, length: number): AsyncGenerator<Uint8Array, void, undefined>;
  close(): Promise<void>;
}

const PIECE = 256 * 1024;

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
  return {
    name,
    size: found.size,
    read: (at, length) => readFully(handle, at, length, name),
    async *stream(at, length) {
      for (let done = 0; done < length; done += PIECE)
        yield await readFully(handle, at + done, Math.min(PIECE, length - done), name);
    },
    close: () => handle.close(),
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

async function readFully(handle: FileHandle, at: number, length: number, file: string): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new WaybillError('package-truncated', { file, where: `byte ${at + done}` });
    done += bytesRead;
  }
  return bytes;
}

function notFound(path: string, cause?: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'ENOENT';
  if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(code)) return cause;
  return new WaybillError('package-not-found', { path }, { cause });
}
