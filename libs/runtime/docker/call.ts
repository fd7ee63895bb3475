import type { Readable } from 'node:stream';
import { WaybillError, withFailpoints } from '@waybill/kernel';
import type { Connection } from './connection.js';
import { engineError, refusedWith } from './engineError.js';

/** One call to the engine's API. `action` completes the sentence "asked to …". */
export interface Call {
  readonly action: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  readonly body?: object;
  /** Sent as `application/tar` instead of a JSON body. */
  readonly archive?: Buffer | NodeJS.ReadableStream;
  /** Absent: the connection's own. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

// 304: it is so already.
const FINE = { 200: true, 201: true, 204: true, 304: true };

/**
 * Makes the call and gives the parsed answer.
 * @throws WaybillError `engine-unreachable`, `engine-timeout`, `engine-refused`; the reason of `signal` when that ended it
 */
export const call = <T>(connection: Connection, request: Call): Promise<T> =>
  within<T>(connection, request, (signal) => dial(connection, request, signal, false) as Promise<T>);

/** Like `call`, but the answer is read as a stream; the time limit holds until it has been read. */
export const read = <T>(connection: Connection, request: Call, use: (answer: Readable) => Promise<T>): Promise<T> =>
  within<T>(connection, request, async (signal) => use((await dial(connection, request, signal, true)) as Readable));

/** Like `call`, but `undefined` when the engine knows no such thing. */
export async function callFor<T>(connection: Connection, request: Call): Promise<T | undefined> {
  try {
    return await call<T>(connection, request);
  } catch (error) {
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}

/** Which call of the engine's API it is, whatever it is about: `POST /containers/{id}/start`. */
export const endpointOf = ({ method, path }: Pick<Call, 'method' | 'path'>): string =>
  `${method} ${path.replace(/^\/(\w+)\/(?!(?:create|json|load)$)[^/]+/, '/$1/{id}')}`;

async function within<T>(connection: Connection, request: Call, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  request.signal?.throwIfAborted();
  connection.guard?.();
  const timeoutMs = request.timeoutMs ?? connection.callTimeoutMs;
  const ended = new AbortController();
  const late = new WaybillError('engine-timeout', { seconds: timeoutMs / 1000, action: request.action });
  const timer = setTimeout(() => ended.abort(late), timeoutMs);
  const onAbort = (): void => ended.abort(request.signal?.reason);
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    // The client library is not trusted to give up: the wait ends with the signal in any case.
    const working = withFailpoints(
      () => `engine ${endpointOf(request)}`,
      () => work(ended.signal),
    );
    return await Promise.race([working, rejection(ended.signal)]);
  } catch (error) {
    if (ended.signal.aborted) throw ended.signal.reason;
    throw engineError(error, request.action, connection.address);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

const rejection = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

interface Modem {
  dial(options: object, done: (error: unknown, answer: unknown) => void): void;
}

function dial(connection: Connection, request: Call, signal: AbortSignal, isStream: boolean): Promise<unknown> {
  const options = {
    method: request.method,
    path: `${request.path}?`,
    options: { _query: request.query ?? {}, _body: request.body ?? {} },
    ...(request.archive === undefined ? {} : { file: request.archive }),
    abortSignal: signal,
    isStream,
    statusCodes: FINE,
  };
  return new Promise((resolve, reject) => {
    (connection.docker.modem as Modem).dial(options, (error, answer) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- told apart by engineError
      if (error !== null && error !== undefined) reject(error);
      else resolve(answer);
    });
  });
}
