import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { printable } from '@waybill/kernel';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { pathOf, setRequestInfo } from './requestInfo.js';

const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** The trace that a W3C `traceparent` names; one of zeros is none. */
const TRACE = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** A caller's own id when it is one, else that of its trace, else a new one: it ends up in events, logs and headers. */
export function correlationIdOf(headers: IncomingHttpHeaders): string {
  const { 'x-correlation-id': given, traceparent } = headers;
  if (typeof given === 'string' && SANE.test(given)) return given;
  return (typeof traceparent === 'string' ? TRACE.exec(traceparent)?.[1] : undefined) ?? randomUUID();
}

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Gives every request its correlation id and its log, and logs every answer: method, path, status, time; no header, no query. */
export function correlation(logger: Logger): Middleware {
  const log = pinoHttp({
    logger,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'correlationId' },
    genReqId: (request) => correlationIdOf(request.headers),
    serializers: {
      req: (request: { method: string; url: string }) => ({
        method: request.method,
        path: printable(request.url.replace(/[?#].*$/s, '')),
      }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
    },
    customLogLevel: (request, response, error) => {
      if (error !== undefined || response.statusCode >= 500) return 'error';
      return pathOf(request).startsWith('/api/v1/health/') ? 'debug' : 'info';
    },
  });
  return (request, response, next) => {
    log(request, response);
    const correlationId = request.id as string;
    response.setHeader('X-Correlation-Id', correlationId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    setRequestInfo(request, { correlationId, log: request.log });
    next();
  };
}
