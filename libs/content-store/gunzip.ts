import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { WaybillError } from '@waybill/kernel';

/** Each piece costs a way to zlib's thread and back; while one is worked on, zlib may be so many bytes ahead. */
const PIECE = 256 * 1024;
const AHEAD = 2 * PIECE;

/**
 * The uncompressed bytes of one gzip file, members that follow each other included. Stricter than zlib's own stream, which passes over zeros
 * after the end: another reader might see something else there. Closes `source` whatever happens.
 * @throws WaybillError `package-truncated`, `package-damaged` (checksum, structure, data after the end); what `source` throws
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = createGunzip({
    chunkSize: PIECE,
    readableHighWaterMark: AHEAD,
    // Nothing waits to be taken: a piece is used up before the next is asked for, so its place may be used again by then.
    writableHighWaterMark: 1,
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
    try {
      for await (const chunk of source) {
        if (inflate.destroyed || inflate.readableEnded) return;
        input.fed += chunk.length;
        if (chunk.length > 0 && !inflate.write(chunk)) await ready(inflate);
      }
      input.whole = true;
      inflate.end();
    } catch (error) {
      inflate.destroy(error as Error);
    }
  }
}

/** Resolves when more may be written, or never will be. */
function ready(inflate: Gunzip): Promise<void> {
  const names = ['drain', 'end', 'error', 'close'] as const;
  return new Promise((resolve) => {
    const done = () => {
      for (const name of names) inflate.off(name, done);
      resolve();
    };
    for (const name of names) inflate.on(name, done);
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
