import { WaybillError } from '@waybill/kernel';
import type { Surroundings } from '../surroundings.js';
import { cliVersion } from '../version.js';
import type { Connection } from './connection.js';
import { serverEvents, type ServerEvent } from './events.js';
import { networkReason, wasNeverSent } from './networkFailure.js';
import { problemFrom, serverProblem } from './serverProblem.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** The API from here. Paths are below `/api/v1` and begin with a slash. */
export interface Client {
  readonly connection: Connection;
  get<T>(path: string, query?: Query): Promise<T>;
  /** What is no JSON of the API's own: its text as it is. */
  text(path: string): Promise<string>;
  /** @param key the Idempotency-Key, where its operation is to be followed; absent: a new one */
  post<T>(path: string, body: object, query?: Query, key?: string): Promise<T>;
  put<T>(path: string, body: object): Promise<T>;
  patch<T>(path: string, body: object, query?: Query): Promise<T>;
  delete<T>(path: string): Promise<T>;
  /** The server's events, until it ends the stream. @throws WaybillError `server-unreachable`; the server's problem */
  events(
    path: string,
    options: { readonly lastEventId?: string | undefined; readonly signal: AbortSignal },
  ): AsyncIterable<ServerEvent>;
  /** For requests that do not pass through here (uploads). */
  readonly headers: Readonly<Record<string, string>>;
}

/** Milliseconds before the next attempt, when a request got lost on the way. */
const PAUSES = [200, 600, 1_500];

/** Milliseconds between two questions after an answer that is still being worked on. */
const IN_FLIGHT = 2_000;

/** What got lost on the way was the answer: the server is at the request, and will give the answer to whoever repeats it. */
const isInFlight = ({ status }: Response, text: string): boolean =>
  status === 409 && problemFrom(status, text).code === 'request-in-flight';

/**
 * A client over `fetch`. Every write carries an Idempotency-Key, kept when it is sent again after a failure of the network; reads ask for what
 * this client has written before.
 */
export function openClient(
  connection: Connection,
  { fetch, randomId, pause }: Pick<Surroundings, 'fetch' | 'randomId' | 'pause'>,
): Client {
  let position: string | undefined;
  const headers = {
    'User-Agent': `waybill-cli/${cliVersion}`,
    ...(connection.token === undefined ? {} : { Authorization: `Bearer ${connection.token}` }),
  };

  /** An answer that breaks off is asked for again, as one that never came. */
  async function send(url: string, init: RequestInit): Promise<{ readonly response: Response; readonly text: string }> {
    let lost = 0;
    for (;;) {
      try {
        const response = await fetch(url, init);
        const text = await response.text();
        if (!isInFlight(response, text)) return { response, text };
        await pause(IN_FLIGHT);
      } catch (error) {
        const wait = PAUSES[lost];
        lost += 1;
        if (wait === undefined || wasNeverSent(error))
          throw new WaybillError(
            'server-unreachable',
            { url: connection.url, reason: networkReason(error) },
            { cause: error },
          );
        await pause(wait);
      }
    }
  }

  async function request<T>(method: string, path: string, query: Query, body?: object, key = randomId): Promise<T> {
    const text = await exchange(method, path, query, body, key);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async function exchange(method: string, path: string, query: Query, body?: object, key = randomId): Promise<string> {
    const url = new URL(`${connection.url}/api/v1${path}`);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const writes = method !== 'GET';
    if (!writes && position !== undefined) url.searchParams.set('after', position);
    const { response, text } = await send(url.href, {
      method,
      headers: {
        ...headers,
        Accept: 'application/json, application/vnd.cyclonedx+json, application/problem+json',
        ...(writes ? { 'Idempotency-Key': key() } : {}),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw serverProblem(problemFrom(response.status, text));
    position = response.headers.get('waybill-position') ?? position;
    return text;
  }

  return {
    connection,
    headers,
    get: (path, query = {}) => request('GET', path, query),
    text: (path) => exchange('GET', path, {}),
    post: (path, body, query = {}, key) => request('POST', path, query, body, key === undefined ? randomId : () => key),
    put: (path, body) => request('PUT', path, {}, body),
    patch: (path, body, query = {}) => request('PATCH', path, query, body),
    delete: (path) => request('DELETE', path, {}),
    events: (path, options) =>
      serverEvents(fetch, { server: connection.url, url: `${connection.url}/api/v1${path}`, headers, ...options }),
  };
}

/** A path of the API from its parts, each of which may hold anything. */
export const pathTo = (...parts: readonly string[]): string =>
  parts.map((part) => `/${encodeURIComponent(part)}`).join('');
