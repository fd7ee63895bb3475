import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { WaybillError } from '@waybill/kernel';

/** Each piece costs a way to zlib's thread and back; while one is worked on, zlib may be so many bytes ahead. */
const PIECE = 512 * 1024;
const AHEAD = 2 * PIECE;

/**
 * The uncompressed bytes of one gzip file, members that follow each other included. Stricter than zlib's own stream, which passes over zeros
 * after the end: another reader might see something else there. Closes `source` whatever happens. The next piece of `source` is asked for while
 * one is worked on, so a piece must stay good until the next but one is asked for.
 * @throws WaybillError `package-truncated`, `package-damaged` (checksum, structure, data after the end); what `source` throws
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createGunzip({
    chunkSize: PIECE,
    readableHighWaterMark: AHEAD,
  } as ZlibOptions);
  const input = { fed: 0, whole: false };
  const feeding = feed();
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array;
    if (!input.whole || inflate.bytesWritten < input.fed) throw damaged('there is data after its end');
    if (input.fed === 0) throw truncated();
  } catch (error) {
    throw inWords(error, inflate);
  } finally {
    inflate.destroy();
    await feeding;
  }

  async function feed(): Promise<void> {
    let before = Promise.resolve();
    try {
      for await (const chunk of source) {
        if (inflate.destroyed || inflate.readableEnded) return;
        if (chunk.length === 0) continue;
        input.fed += chunk.length;
        const now = usedUp(inflate, chunk);
        await before;
        before = now;
      }
      input.whole = true;
      inflate.end();
    } catch (error) {
      inflate.destroy(error as Error);
    }
  }
}

/** Resolves when the piece was worked on, or never will be. */
function usedUp(inflate: Gunzip, piece: Uint8Array): Promise<void> {
  const names = ['end', 'error', 'close'] as const;
  return new Promise((resolve) => {
    const done = () => {
      for (const name of names) inflate.off(name, done);
      resolve();
    };
    for (const name of names) inflate.on(name, done);
    inflate.write(piece, done);
  });
}

function inWords(error: unknown, inflate: Gunzip): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!code.startsWith('Z_')) return error;
  if (code === 'Z_BUF_ERROR') return truncated(error);
  const reason = inflate.bytesWritten > 0 ? (error as Error).message : 'it does not begin as a gzip file does';
  return damaged(`its gzip data cannot be read (${reason})`, error);
}

const truncated = (cause?: unknown) =>
  new WaybillError('package-truncated', { file: 'It', where: 'its gzip data' }, { cause });

const damaged = (reason: string, cause?: unknown) =>
  new WaybillError('package-damaged', { file: 'It', reason }, { cause });
