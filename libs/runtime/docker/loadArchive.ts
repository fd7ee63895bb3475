import { pipeline, Transform } from 'node:stream';
import { isWaybillError, WaybillError, type Digest } from '@waybill/kernel';
import { read } from './call.js';
import type { Connection } from './connection.js';
import type { ImageArchive } from './imageArchive.js';
import { loadFailure } from './loadProgress.js';

/**
 * Sends an archive of an image to the engine. It may take any time, but not stand still. `onSent`: bytes of the archive so far.
 * @throws WaybillError `image-load-failed`, `engine-timeout`, `engine-unreachable`; or what the source of the layers threw
 */
export async function loadArchive(
  connection: Connection,
  image: Digest,
  archive: ImageArchive,
  onSent?: (bytes: number) => void,
): Promise<void> {
  const action = `load the image ${image}`;
  const still = new AbortController();
  const idle = setTimeout(() => {
    still.abort(new WaybillError('engine-timeout', { seconds: connection.loadIdleMs / 1000, action }));
  }, connection.loadIdleMs);
  let sent = 0;
  const body = new Transform({
    transform: (piece: Uint8Array, _, done) => {
      idle.refresh();
      onSent?.((sent += piece.byteLength));
      done(null, piece);
    },
  });
  pipeline(archive.stream, body, () => undefined);
  try {
    const failure = await read(
      connection,
      { action, method: 'POST', path: '/images/load', archive: body, timeoutMs: NO_LIMIT, signal: still.signal },
      (answer) => loadFailure(answer, () => idle.refresh()),
    );
    if (failure !== undefined) throw new WaybillError('image-load-failed', { image, reason: failure });
  } catch (error) {
    throw explained(error, image, archive);
  } finally {
    clearTimeout(idle);
    body.destroy();
  }
}

// Timers hold 31 bits of milliseconds.
const NO_LIMIT = 2 ** 31 - 1;

function explained(error: unknown, image: Digest, archive: ImageArchive): unknown {
  const atSource = archive.failure();
  if (isWaybillError(atSource)) return atSource;
  if (isWaybillError(error) && error.code !== 'engine-refused') return error;
  const reason = isWaybillError(error) ? String(error.details['reason']) : String(error);
  return new WaybillError('image-load-failed', { image, reason }, { cause: error });
}
