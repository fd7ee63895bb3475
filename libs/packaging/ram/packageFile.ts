import { createHash } from 'node:crypto';
import { digestFrom, WaybillError, type Digest } from '@waybill/kernel';
import { openPackage, PIECE, type PackageFile } from '../file/packageBytes.js';
import type { ReadLimits } from '../package.js';

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

/**
 * Calls `read` with the opened file and closes it afterwards, whatever happens. Reading that takes longer than `time` allows is broken off.
 * @throws WaybillError `package-not-found`, `package-limit-exceeded`, `part-differs` for a part of another size
 */
export async function withFile<T>(
  file: PackageFile,
  options: ReadingOptions & { readonly time?: ReadLimits['time'] },
  read: (opened: OpenedFile) => Promise<T>,
): Promise<T> {
  const opened = await openPackage(file);
  const { name, size } = opened;
  try {
    const hash = createHash('sha256');
    const { time = { seconds: Infinity, bytesPerSecond: 1 } } = options;
    const seconds = time.seconds + Math.ceil(size / time.bytesPerSecond);
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
        const bytesRead = await opened.readInto(place, done);
        if (bytesRead === 0) return;
        done += bytesRead;
        const piece = place.subarray(0, bytesRead);
        hash.update(piece);
        options.onProgress?.(done, size);
        yield piece;
      }
    }
    return await read({ name, size, bytes: bytes(), digest: () => digestFrom(hash.copy()) });
  } finally {
    await opened.close();
  }
}
