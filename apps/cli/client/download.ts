import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { digestFrom, rateMeter, secondsLeft, WaybillError, withoutUndefined } from '@waybill/kernel';
import type { ExportedFileView } from '../api/export.js';
import { ending } from '../ending.js';
import type { Session } from '../session.js';
import { makeFolder } from './makeFolder.js';
import { networkReason } from './networkFailure.js';
import { isServerProblem, problemFrom, serverProblem } from './serverProblem.js';

/** Milliseconds before each further attempt in which nothing came: together as long as a server may take to start again. */
const RETRIES = [200, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/**
 * Carries a file of the server into a folder and answers its path. What came before a break stays in a `.part` file named after the content, so the
 * same command goes on there; the file has its name only when its digest was compared.
 * @param address below `/api/v1`
 * @throws WaybillError `invalid-request` for a folder that cannot be made, `export-target-exists`, `blob-mismatch`, `server-unreachable`; the server's problem; an ending when interrupted
 */
export async function downloadFile(
  session: Session,
  address: string,
  file: Pick<ExportedFileView, 'name' | 'digest' | 'size'>,
  folder: string,
): Promise<string> {
  const { surroundings, progress } = session;
  const directory = resolve(surroundings.workingFolder, folder);
  await makeFolder(directory);
  const path = join(directory, safeName(file.name));
  if ((await sizeOf(path)) !== undefined) {
    if ((await digestOf(path)) === file.digest) return path;
    throw new WaybillError('export-target-exists', { path });
  }
  const part = `${path}.${file.digest.slice(-12)}.part`;
  const interrupted = new AbortController();
  const forget = surroundings.onInterrupt(() => interrupted.abort());
  try {
    await fetchAll(session, address, file, part, interrupted.signal);
    const actual = await digestOf(part);
    if (actual !== file.digest) {
      await rm(part);
      throw new WaybillError('blob-mismatch', { expected: file.digest, actual });
    }
    await rename(part, path);
    return path;
  } catch (error) {
    if (interrupted.signal.aborted)
      throw ending(130, `What has arrived stays in ${part}. The same command goes on from there.`);
    throw error;
  } finally {
    forget();
    progress.end();
  }
}

/** The server calls it by a name of the template's author; here it must be a name and nothing else. */
const safeName = (name: string): string => name.replaceAll(/[/\\\p{Cc}]/gu, '_').replace(/^\.+/, '_');

async function fetchAll(
  session: Session,
  address: string,
  file: Pick<ExportedFileView, 'name' | 'digest' | 'size'>,
  part: string,
  signal: AbortSignal,
): Promise<void> {
  const { surroundings, progress } = session;
  const handle = await open(part, 'a');
  try {
    for (let failures = 0; ; failures += 1) {
      const before = (await handle.stat()).size;
      if (before === file.size) break;
      try {
        await fetchRest(session, address, file, handle, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!mayPass(error)) throw error;
        if ((await handle.stat()).size > before) failures = 0;
        const pause = RETRIES[failures];
        if (pause === undefined) throw lost(session, error);
        progress.show('the connection to the server was lost; trying again');
        await surroundings.pause(pause, signal);
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function fetchRest(
  { surroundings, client, progress }: Session,
  address: string,
  { name, digest, size }: Pick<ExportedFileView, 'name' | 'digest' | 'size'>,
  handle: FileHandle,
  signal: AbortSignal,
): Promise<void> {
  const present = (await handle.stat()).size;
  if (present > size) await handle.truncate();
  let done = present > size ? 0 : present;
  const response = await surroundings.fetch(`${client.connection.url}/api/v1${address}`, {
    headers: {
      ...client.headers,
      Accept: 'application/octet-stream, application/problem+json',
      ...(done === 0 ? {} : { Range: `bytes=${String(done)}-`, 'If-Range': `"${digest}"` }),
    },
    signal,
  });
  if (!response.ok) throw serverProblem(problemFrom(response.status, await response.text()));
  // It is given out whole where ranges are not known, by a proxy say.
  if (response.status !== 206 && done > 0) {
    await handle.truncate();
    done = 0;
  }
  const meter = rateMeter(surroundings.now);
  const pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[] = response.body ?? [];
  for await (const chunk of pieces) {
    await handle.write(chunk);
    done += chunk.length;
    meter.see(done);
    const rate = meter.rate();
    progress.show(
      withoutUndefined({
        step: `downloading ${name}`,
        bytes: done,
        total: size,
        rate,
        remaining: secondsLeft(done, size, rate),
      }),
    );
  }
  if (done > size)
    throw new WaybillError('blob-mismatch', { expected: `${String(size)} bytes`, actual: `${String(done)} bytes` });
}

/** A refusal stays one; a lost connection or a server that is started again may pass. */
const mayPass = (error: unknown): boolean =>
  isServerProblem(error)
    ? error.problem.status >= 502 && error.problem.status <= 504
    : error instanceof TypeError || (error instanceof Error && error.name === 'AbortError');

const lost = ({ client }: Session, error: unknown): unknown =>
  isServerProblem(error)
    ? error
    : new WaybillError(
        'server-unreachable',
        {
          url: client.connection.url,
          reason: `${networkReason(error)} What has arrived is kept; the same command goes on from there.`,
        },
        { cause: error },
      );

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 ** 2 }), hash);
  return digestFrom(hash);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
