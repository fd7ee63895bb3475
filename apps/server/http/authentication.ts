import type { IncomingMessage } from 'node:http';
import { type Access, type Authentication, type SecurityEvent } from '@waybill/access';
import { hasCode, printable, WaybillError, type AccountId } from '@waybill/kernel';
import { channelOf, personalOf } from './caller.js';
import type { Middleware } from './correlation.js';
import { sendProblem } from './problem.filter.js';
import { pathOf, requestInfo, setRequestInfo } from './requestInfo.js';

const OPEN = '/api/v1/health/';

/** Pages that a browser opens by itself: it can ask its user for a password, but not send a bearer token. */
const isPage = (path: string) => path === '/docs' || path.startsWith('/docs/') || path === '/openapi.json';

/** Lets a request pass that carries a valid token. It stands in front of everything, so that no address is forgotten. */
export function authentication(access: Pick<Access, 'authenticator' | 'securityLog'>): Middleware {
  return (request, response, next) => {
    const path = pathOf(request);
    if (path.startsWith(OPEN)) {
      next();
      return;
    }
    admit(request, path).then(
      () => next(),
      (error: unknown) => {
        const asksForToken = hasCode(error, 'unauthenticated') || hasCode(error, 'token-invalid');
        const challenge = `${isPage(path) ? 'Basic' : 'Bearer'} realm="waybill", charset="UTF-8"`;
        sendProblem(error, request, response, asksForToken ? { 'WWW-Authenticate': challenge } : {});
      },
    );
  };

  async function admit(request: IncomingMessage, path: string): Promise<void> {
    const found = await access.authenticator.authenticate(tokenOf(request, path));
    if (found.kind === 'refused') throw await refused(found, request, path);
    setRequestInfo(request, { ...requestInfo(request), identity: found.identity });
  }

  async function refused(
    found: Extract<Authentication, { kind: 'refused' }>,
    request: IncomingMessage,
    path: string,
  ): Promise<WaybillError> {
    const { reason, account, tokenId } = found;
    const event: SecurityEvent = {
      type: 'login-failed',
      data: {
        reason,
        method: request.method ?? '',
        path: printable(path.toWellFormed()).slice(0, 256),
        ...(account === undefined ? {} : { account }),
        ...(tokenId === undefined ? {} : { tokenId }),
      },
    };
    await access.securityLog.record(event, {
      actor: { id: account ?? ('anonymous' as AccountId), kind: 'token', role: 'none' },
      channel: channelOf(request),
      correlationId: requestInfo(request).correlationId,
      personal: personalOf(request),
    });
    return new WaybillError(reason === 'missing' ? 'unauthenticated' : 'token-invalid');
  }
}

function tokenOf(request: IncomingMessage, path: string): string | undefined {
  const [, scheme, credentials] = /^(\S+)\s+(\S+)\s*$/.exec(request.headers.authorization ?? '') ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  // Elsewhere a browser's remembered password would let any page it shows act in its user's name.
  if (scheme.toLowerCase() === 'basic' && isPage(path) && request.method === 'GET')
    return Buffer.from(credentials, 'base64')
      .toString('utf8')
      .replace(/^[^:]*:/, '');
  return undefined;
}
