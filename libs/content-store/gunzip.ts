import { createGunzip, createInflateRaw, type Gunzip, type InflateRaw, type ZlibOptions } from 'node:zlib';
import { WaybillError } from '@waybill/kernel';

/** Each piece costs a way to zlib's thread and back; while one is worked on, zlib may be so many bytes ahead. */
const PIECE = 512 * 1024;
const AHEAD = 2 * PIECE;

const OPTIONS = {
  chunkSize: PIECE,
  readableHighWaterMark: AHEAD,
} as ZlibOptions;

/**
 * The uncompressed bytes of one gzip file, members that follow each other included. Stricter than zlib's own stream, which passes over zeros
 * after the end: another reader might see something else there. Closes `source` whatever happens. The next piece of `source` is asked for while
 * one is worked on, so a piece must stay good until the next but one is asked for.
 * @throws WaybillError `package-truncated`, `package-damaged` (checksum, structure, data after the end); what `source` throws
 */
export const gunzip = (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> =>
  unpacked(source, () => createGunzip(OPTIONS), 'gzip');

/** The same for data that `deflate` packed without any frame, as it stands in zip archives; nothing but its size and end are checked. */
export const inflateRaw = (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> =>
  unpacked(source, () => createInflateRaw(OPTIONS), 'deflate');

type Format = 'gzip' | 'deflate';

async function* unpacked(
  source: AsyncIterable<Uint8Array>,
  create: () => Gunzip | InflateRaw,
  format: Format,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflate = create();
  const input = { fed: 0, whole: false };
  const feeding = feed();
  try {
    for await (const chunk of inflate) yield chunk as Uint8Array;
    if (!input.whole || inflate.bytesWritten < input.fed) throw damaged('there is data after its end');
    if (input.fed === 0) throw truncated(format);
  } catch (error) {
    throw inWords(error, inflate, format);
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
function usedUp(inflate: Gunzip | InflateRaw, piece: Uint8Array): Promise<void> {
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

function inWords(error: unknown, inflate: Gunzip | InflateRaw, format: Format): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!code.startsWith('Z_')) return error;
  if (code === 'Z_BUF_ERROR') return truncated(format, error);
  const reason =
    inflate.bytesWritten > 0 || format !== 'gzip' ? (error as Error).message : 'it does not begin as a gzip file does';
  return damaged(`its ${format} data cannot be read (${reason})`, error);
}

const truncated = (format: Format, cause?: unknown) =>
  new WaybillError('package-truncated', { file: 'It', where: `its ${format} data` }, { cause });

const damaged = (reason: string, cause?: unknown) =>
  new WaybillError('package-damaged', { file: 'It', reason }, { cause });
