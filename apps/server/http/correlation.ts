import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { printable } from '@waybill/kernel';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { pathOf, setRequestInfo } from './requestInfo.js';

const SANE = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;

/** A caller's own id when it is one, else a new one: it ends up in events, logs and headers. */
export const correlationIdOf = (given: string | string[] | undefined): string =>
  typeof given === 'string' && SANE.test(given) ? given : randomUUID();

export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** Gives every request its correlation id and its log, and logs every answer: method, path, status, time; no header, no query. */
export function correlation(logger: Logger): Middleware {
  const log = pinoHttp({
    logger,
    quietReqLogger: true,
    customAttributeKeys: { reqId: 'correlationId' },
    genReqId: (request) => correlationIdOf(request.headers['x-correlation-id']),
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
