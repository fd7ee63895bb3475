import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import { amountOf } from '../output/progress.js';
import type { Session } from '../session.js';
import { networkReason } from './networkFailure.js';
import { problemFrom, serverProblem } from './serverProblem.js';

/** What of tus-js-client's errors is looked at. */
interface UploadFailure extends Error {
  readonly causingError?: Error | null;
  readonly originalResponse?: { getStatus(): number; getBody(): string } | null;
}

/**
 * Carries a file to the server and answers the upload's id. What got lost on the way goes on where it stopped.
 * @throws WaybillError `package-not-found`, `server-unreachable`; the server's problem
 */
export async function uploadFile(session: Session, file: string): Promise<string> {
  const path = resolve(session.surroundings.workingFolder, file);
  const size = await sizeOf(path);
  const { client, progress } = session;
  // Only the commands that carry files need it.
  const { Upload } = await import('tus-js-client');
  const step = `uploading ${basename(path)}`;
  const location = await new Promise<string>((done, failed) => {
    const upload = new Upload(createReadStream(path), {
      endpoint: `${client.connection.url}/api/v1/uploads`,
      uploadSize: size,
      headers: { ...client.headers },
      metadata: { filename: basename(path) },
      retryDelays: [200, 600, 1_500, 4_000, 8_000],
      storeFingerprintForResuming: false,
      onShouldRetry: (error) => mayPass(error),
      onProgress: (sent, total) => progress.show(step, amountOf(sent, total)),
      onSuccess: () => done(upload.url ?? ''),
      onError: (error) => failed(reasonOf(error, client.connection.url)),
    });
    upload.start();
  }).finally(() => progress.end());
  return location.slice(location.lastIndexOf('/') + 1);
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new WaybillError('package-not-found', { path }, { cause: error });
  }
  throw new WaybillError('package-not-found', { path });
}

/** A refusal stays one; a lost connection, a locked upload or a busy server may pass. */
function mayPass(error: UploadFailure): boolean {
  const status = error.originalResponse?.getStatus() ?? 0;
  if (status === 0) return (error.causingError as NodeJS.ErrnoException | undefined)?.code !== 'ECONNREFUSED';
  return status === 409 || status === 423 || status >= 502;
}

function reasonOf(error: UploadFailure, url: string): Error {
  const response = error.originalResponse;
  if (response === undefined || response === null)
    return new WaybillError(
      'server-unreachable',
      { url, reason: networkReason(error.causingError ?? error) },
      { cause: error },
    );
  return serverProblem(problemFrom(response.getStatus(), response.getBody()));
}
