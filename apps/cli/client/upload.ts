import { createHash } from 'node:crypto';
import { createReadStream, type BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestFrom, rateMeter, secondsLeft, WaybillError, withoutUndefined, type Digest } from '@waybill/kernel';
import type { Page } from '../api/page.js';
import { ending } from '../ending.js';
import type { Session } from '../session.js';
import { knownDigests } from './knownDigests.js';
import { networkReason } from './networkFailure.js';
import { isServerProblem, problemFrom, serverProblem } from './serverProblem.js';

/** Bytes of one request: what a server that is killed loses at most. */
const CHUNK = 8 * 1024 ** 2;
/** Milliseconds before each further attempt: together as long as a server may take to start again. */
const RETRIES = [200, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/** What of tus-js-client's errors is looked at. */
interface UploadFailure extends Error {
  readonly causingError?: Error | null;
  readonly originalResponse?: { getStatus(): number; getBody(): string } | null;
}

interface UploadView {
  readonly id: string;
  readonly size?: number;
  readonly received: number;
}

/**
 * Carries a file to the server and answers the upload's id. An upload of the same content that did not come to its end goes on where it stopped,
 * whoever began it on whichever machine: the server knows it by its digest, which is taken first. A file of another digest than the one that is
 * expected is not sent: then there is no answer.
 * @throws WaybillError `package-not-found`, `server-unreachable`; the server's problem; an ending when interrupted
 */
export async function uploadFile(session: Session, file: string): Promise<string>;
export async function uploadFile(session: Session, file: string, expected: Digest): Promise<string | undefined>;
export async function uploadFile(session: Session, file: string, expected?: Digest): Promise<string | undefined> {
  const { surroundings, progress, client } = session;
  const path = resolve(surroundings.workingFolder, file);
  const stats = await statsOf(path);
  const interrupted = new AbortController();
  const forget = surroundings.onInterrupt(() => interrupted.abort());
  try {
    const sha256 = await digestOf(session, path, stats, interrupted.signal);
    if (expected !== undefined && sha256 !== expected) return undefined;
    const { items } = await client.get<Page<UploadView>>('/uploads', { sha256 });
    const begun = items.find(({ size }) => size === Number(stats.size));
    if (begun !== undefined && begun.received === begun.size) return begun.id;
    return await send(session, { path, size: Number(stats.size), sha256, begun: begun?.id }, interrupted.signal);
  } catch (error) {
    if (interrupted.signal.aborted)
      throw ending(130, 'What has arrived stays there for a week. The same command goes on from there.');
    if (isServerProblem(error) && error.problem.code === 'upload-digest-differs')
      await knownDigests(surroundings).forget(path);
    throw error;
  } finally {
    forget();
    progress.end();
  }
}

async function statsOf(path: string): Promise<BigIntStats> {
  try {
    const found = await stat(path, { bigint: true });
    if (found.isFile()) return found;
  } catch (error) {
    throw new WaybillError('package-not-found', { path }, { cause: error });
  }
  throw new WaybillError('package-not-found', { path });
}

async function digestOf(session: Session, path: string, stats: BigIntStats, signal: AbortSignal): Promise<Digest> {
  const known = knownDigests(session.surroundings);
  const before = await known.find(path, stats);
  if (before !== undefined) return before;
  const hash = createHash('sha256');
  const tell = telling(session, `reading ${basename(path)}`, Number(stats.size));
  let read = 0;
  async function* counted(pieces: AsyncIterable<Uint8Array>) {
    for await (const piece of pieces) {
      tell((read += piece.byteLength));
      yield piece;
    }
  }
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), counted, hash, { signal });
  const sha256 = digestFrom(hash);
  await known.remember(path, stats, sha256);
  return sha256;
}

interface Sending {
  readonly path: string;
  readonly size: number;
  readonly sha256: Digest;
  /** The upload to go on with. */
  readonly begun: string | undefined;
}

async function send(session: Session, { path, size, sha256, begun }: Sending, signal: AbortSignal): Promise<string> {
  const { client, progress } = session;
  // Only the commands that carry files need it.
  const { Upload } = await import('tus-js-client');
  const endpoint = `${client.connection.url}/api/v1/uploads`;
  const tell = telling(session, `uploading ${basename(path)}`, size);
  const location = await new Promise<string>((done, failed) => {
    const upload = new Upload(createReadStream(path), {
      endpoint,
      uploadUrl: begun === undefined ? null : `${endpoint}/${begun}`,
      uploadSize: size,
      chunkSize: CHUNK,
      headers: { ...client.headers },
      metadata: { filename: basename(path), sha256 },
      retryDelays: RETRIES,
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => {
        const again = mayPass(error);
        if (again) progress.show('the connection to the server was lost; trying again');
        return again;
      },
      onProgress: (sent) => {
        // An upload that is being ended may still have something to tell.
        if (!signal.aborted) tell(sent);
      },
      onSuccess: () => done(upload.url ?? ''),
      onError: (error) => failed(reasonOf(error, client.connection.url)),
    });
    signal.addEventListener('abort', () => {
      upload.abort().catch(failed);
      failed(new Error('interrupted'));
    });
    upload.start();
  });
  return location.slice(location.lastIndexOf('/') + 1);
}

function telling({ surroundings, progress }: Session, step: string, total: number): (bytes: number) => void {
  const meter = rateMeter(surroundings.now);
  return (bytes) => {
    meter.see(bytes);
    const rate = meter.rate();
    progress.show(withoutUndefined({ step, bytes, total, rate, remaining: secondsLeft(bytes, total, rate) }));
  };
}

/** A refusal stays one; a lost connection, a server that is started again, a locked upload or a busy one may pass. */
function mayPass(error: UploadFailure): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  return status === 0 || status === 409 || status === 423 || (status >= 502 && status <= 504);
}

function reasonOf(error: UploadFailure, url: string): Error {
  const response = error.originalResponse;
  if (response === undefined || response === null)
    return new WaybillError(
      'server-unreachable',
      {
        url,
        reason: `${networkReason(error.causingError ?? error)} What has arrived stays there for a week; the same command goes on from there.`,
      },
      { cause: error },
    );
  return serverProblem(problemFrom(response.getStatus(), response.getBody()));
}
