import type { IncomingMessage } from 'node:http';
import type { Identity, Role } from '@waybill/access';
import type { Logger } from 'pino';

/** What the server knows of a request beside what the client sent. */
export interface RequestInfo {
  readonly correlationId: string;
  readonly log: Logger;
  /** Absent on the few addresses that need no token. */
  readonly identity?: Identity;
  /** The role that allowed what is asked; absent until that was decided. */
  readonly role?: Role;
}

const known = new WeakMap<IncomingMessage, RequestInfo>();

export function requestInfo(request: IncomingMessage): RequestInfo {
  const info = known.get(request);
  if (info === undefined) throw new Error('the request has not passed the correlation middleware');
  return info;
}

export const setRequestInfo = (request: IncomingMessage, info: RequestInfo): void => {
  known.set(request, info);
};

/** The whole path without its query: queries may hold what is nobody's business. */
export function pathOf(request: IncomingMessage): string {
  const url = (request as { readonly originalUrl?: string }).originalUrl ?? request.url ?? '/';
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
