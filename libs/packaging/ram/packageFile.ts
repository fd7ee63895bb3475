import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { digestFrom, WaybillError, type Digest } from '@waybill/kernel';
import type { ReadLimits } from '../package.js';

export interface PackageFile {
  readonly path: string;
  /** What messages call it; without it, the last part of the path. */
  readonly name?: string;
}

export interface ReadingOptions {
  readonly onProgress?: (bytes: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export interface OpenedFile {
  readonly name: string;
  readonly size: number;
  /** The whole content, once. A piece is good until the next but one is asked for: all are read into two places in turn, or memory would fill with them. */
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
  /** Of what was read so far. */
  digest(): Digest;
}

const PIECE = 256 * 1024;

/**
 * Calls `read` with the opened file and closes it afterwards, whatever happens. Reading that takes longer than `time` allows is broken off.
 * @throws WaybillError `package-not-found`, `package-limit-exceeded`
 */
export async function withFile<T>(
  file: PackageFile,
  options: ReadingOptions & { readonly time?: ReadLimits['time'] },
  read: (opened: OpenedFile) => Promise<T>,
): Promise<T> {
  const name = file.name ?? basename(file.path);
  const handle = await open(file.path, 'r').catch((cause: unknown) => {
    throw notFound(file, cause);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw notFound(file);
    const hash = createHash('sha256');
    const { time = { seconds: Infinity, bytesPerSecond: 1 } } = options;
    const seconds = time.seconds + Math.ceil(found.size / time.bytesPerSecond);
    const end = performance.now() + 1000 * seconds;
    const places = [Buffer.allocUnsafeSlow(PIECE), Buffer.allocUnsafeSlow(PIECE)] as const;
    async function* bytes() {
      for (let done = 0, place: Buffer = places[0]; ; place = place === places[0] ? places[1] : places[0]) {
        options.signal?.throwIfAborted();
        if (performance.now() > end)
          throw new WaybillError('package-limit-exceeded', {
            what: 'The time to read it in seconds',
            limit: seconds,
            entry: name,
          });
        const { bytesRead } = await handle.read(place, 0, PIECE, done);
        if (bytesRead === 0) return;
        done += bytesRead;
        const piece = place.subarray(0, bytesRead);
        hash.update(piece);
        options.onProgress?.(done, found.size);
        yield piece;
      }
    }
    return await read({
      name,
      size: found.size,
      bytes: bytes(),
      digest: () => digestFrom(hash.copy()),
    });
  } finally {
    await handle.close();
  }
}

function notFound(file: PackageFile, cause?: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'ENOENT';
  if (!['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(code)) return cause;
  return new WaybillError('package-not-found', { path: file.path }, { cause });
}
