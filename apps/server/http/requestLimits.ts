import type { IncomingMessage, ServerResponse } from 'node:http';
import { WaybillError } from '@waybill/kernel';
import type { Middleware } from './correlation.js';
import { sendProblem } from './problem.filter.js';

/** Characters of a request's address with its query. */
export const URL_LIMIT = 8_192;
/** Values in a query, however many names they have. */
export const QUERY_LIMIT = 64;
/** Milliseconds for which a client may send nothing of a body it has begun. */
const SILENCE = 60_000;

/**
 * Refuses addresses that are too long before anybody reads them, and ends requests whose body does not come.
 * @param silenceMs milliseconds for which a body may stand still
 */
export const requestLimits =
  (silenceMs = SILENCE): Middleware =>
  (request, response, next) => {
    const fault = faultOf(request.url ?? '');
    if (fault !== undefined) {
      sendProblem(fault, request, response);
      return;
    }
    // A body may be an upload, which takes as long as it takes; only standing still is not allowed.
    if (hasBody(request)) endWhenSilent(request, response, silenceMs);
    next();
  };

export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function endWhenSilent(request: IncomingMessage, response: ServerResponse, silenceMs: number): void {
  request.setTimeout(silenceMs, () => {
    // Answered before all of it came, a request stays open as long as its connection does.
    if (response.headersSent) {
      request.destroy();
      return;
    }
    sendProblem(new WaybillError('request-timeout', { seconds: silenceMs / 1_000 }), request, response, {
      Connection: 'close',
    });
  });
  request.once('end', () => request.setTimeout(0));
}

function faultOf(url: string): WaybillError | undefined {
  if (url.length > URL_LIMIT) return new WaybillError('uri-too-long', { limit: URL_LIMIT });
  const query = url.indexOf('?');
  if (query !== -1 && url.slice(query + 1).split('&').length > QUERY_LIMIT)
    return new WaybillError('invalid-request', { reason: `the query holds more than ${QUERY_LIMIT} values.` });
  // No name has one, and what is asked by name does not get that far.
  if (url.includes('%00')) return new WaybillError('invalid-request', { reason: 'the address holds a NUL.' });
  return undefined;
}
