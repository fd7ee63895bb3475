import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { WaybillError } from '@waybill/kernel';
import { PROBLEM_TYPE, problemOf } from './problem.js';

/** Milliseconds in which the headers of a request must be there. */
const HEADERS = 20_000;

/**
 * Bounds what a connection may hold open before it is a request: headers that do not come, are too large, or are no HTTP. Each is told why, as a
 * problem like any other.
 * @param headersMs milliseconds in which headers must be there; looked at every half minute by a server that was made without another interval
 */
export function boundConnections(server: Server, headersMs = HEADERS): void {
  // An upload takes as long as it takes; a body that stands still is ended by the request's own limits.
  server.requestTimeout = 0;
  server.headersTimeout = headersMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, faultOf(error.code, headersMs));
  });
}

function faultOf(code: string | undefined, headersMs: number): WaybillError {
  if (code === 'HPE_HEADER_OVERFLOW') return new WaybillError('headers-too-large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new WaybillError('request-timeout', { seconds: headersMs / 1_000 });
  return new WaybillError('invalid-request', { reason: 'it is not HTTP as RFC 9112 has it.' });
}

function refuse(socket: Duplex, error: WaybillError): void {
  const correlationId = randomUUID();
  const problem = problemOf(error, { path: '', correlationId });
  const body = JSON.stringify(problem);
  socket.end(
    [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
      `Content-Type: ${PROBLEM_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Correlation-Id: ${correlationId}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}
