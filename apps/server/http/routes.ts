import type { OpenAPIObject } from '@nestjs/swagger';
import { WaybillError } from '@waybill/kernel';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { sendProblem } from './problem.filter.js';
import { pathOf, requestInfo } from './requestInfo.js';

export const EVENT_STREAM = 'text/event-stream';
/** Streams that this server keeps open, for all and for one account. */
const STREAMS = { all: 256, account: 64 };

interface Route {
  readonly matches: RegExp;
  /** Content types of its answers, by method in upper case. */
  readonly methods: ReadonlyMap<string, readonly string[]>;
}

/**
 * What HTTP asks of every address, told from the API's own description: the methods an address knows, and the types it can answer. What is not
 * described passes on.
 */
export function routes(document: Pick<OpenAPIObject, 'paths'>): RequestHandler {
  const known = routesOf(document);
  const open = streamCount();
  return (request: Request, response: Response, next: NextFunction) => {
    const path = pathOf(request);
    const methods = new Map(known.filter(({ matches }) => matches.test(path)).flatMap((route) => [...route.methods]));
    if (methods.size === 0) {
      next();
      return;
    }
    const answered = methods.get(request.method) ?? (request.method === 'HEAD' ? headOf(methods) : undefined);
    if (answered === undefined) {
      response.setHeader('Allow', allowed(methods));
      if (request.method === 'OPTIONS') response.status(204).end();
      else sendProblem(new WaybillError('method-not-allowed', { method: request.method, path }), request, response);
    } else if (answered.length > 0 && request.accepts([...answered, 'application/problem+json']) === false)
      sendProblem(new WaybillError('not-acceptable', { types: answered }), request, response);
    else if (!answered.includes(EVENT_STREAM) || open(requestInfo(request).identity?.account ?? '', response)) next();
    else sendProblem(new WaybillError('too-many-streams', STREAMS), request, response);
  };
}

function routesOf({ paths }: Pick<OpenAPIObject, 'paths'>): readonly Route[] {
  return Object.entries(paths).map(([path, operations]) => ({
    matches: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
    methods: new Map(
      Object.entries(operations as Readonly<Record<string, Described>>).map(([method, { responses }]) => [
        method.toUpperCase(),
        Object.entries(responses).flatMap(([status, { content }]) =>
          status < '300' ? Object.keys(content ?? {}) : [],
        ),
      ]),
    ),
  }));
}

interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

/** HEAD is GET without the body; of a stream nothing would be left. */
function headOf(methods: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const get = methods.get('GET');
  return get?.includes(EVENT_STREAM) === true ? undefined : get;
}

const allowed = (methods: ReadonlyMap<string, readonly string[]>): string =>
  [...new Set([...methods.keys(), ...(headOf(methods) === undefined ? [] : ['HEAD']), 'OPTIONS'])].sort().join(', ');

/** Counts open streams; false: there are as many as there may be. */
function streamCount(): (account: string, response: Response) => boolean {
  const open = new Map<string, number>();
  return (account, response) => {
    const own = open.get(account) ?? 0;
    const all = [...open.values()].reduce((sum, count) => sum + count, 0);
    if (own >= STREAMS.account || all >= STREAMS.all) return false;
    open.set(account, own + 1);
    response.once('close', () => {
      const left = (open.get(account) ?? 1) - 1;
      if (left === 0) open.delete(account);
      else open.set(account, left);
    });
    return true;
  };
}
