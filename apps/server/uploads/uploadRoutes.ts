import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import type { Access } from '@waybill/access';
import { WaybillError } from '@waybill/kernel';
import { authorize } from '../http/authorization.js';
import type { Middleware } from '../http/correlation.js';
import { sendProblem } from '../http/problem.filter.js';
import { pathOf, requestInfo } from '../http/requestInfo.js';
import { UPLOAD_LIMIT, UPLOADS_PATH, type Uploads } from './uploads.js';

const METHODS = ['POST', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS'];

/** Stands in front of Nest, since an upload's body must reach the disk unread. */
export function uploadRoutes(uploads: Uploads, access: Pick<Access, 'securityLog'>): Middleware {
  return (request, response, next) => {
    const path = pathOf(request);
    // What uploads there are is an answer like any other.
    const isList = path === UPLOADS_PATH && request.method === 'GET';
    if (isList || (path !== UPLOADS_PATH && !path.startsWith(`${UPLOADS_PATH}/`))) {
      next();
      return;
    }
    answer(request, response, path.slice(UPLOADS_PATH.length + 1)).catch((error: unknown) => {
      sendProblem(error, request, response);
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    if (!METHODS.includes(request.method ?? '')) throw new WaybillError('route-not-found', { path: pathOf(request) });
    await authorize(access, request, ['publisher', 'operator']);
    const account = requestInfo(request).identity?.account ?? '';
    if (id !== '' && (await uploads.ownerOf(id)) !== account)
      throw new WaybillError('upload-not-found', { upload: id });
    const answered = await uploads.handle(webRequest(request, response), account);
    for (const [name, value] of answered.headers)
      if (/^(tus-|upload-|location$|cache-control$)/.test(name)) response.setHeader(name, value);
    if (answered.status >= 400) throw await problemOf(answered, id);
    response.statusCode = answered.status;
    response.end(Buffer.from(await answered.arrayBuffer()));
  }
}

/** The request in the form the protocol's server takes: its own headers, its body as it comes. */
function webRequest(request: IncomingMessage, response: ServerResponse): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers))
    if (/^(tus-|upload-|content-(type|length)$)/.test(name)) headers.set(name, String(value));
  const method = request.method ?? 'GET';
  const withBody = method === 'POST' || method === 'PATCH';
  return new Request(new URL(pathOf(request), 'http://waybill'), {
    method,
    headers,
    ...(withBody ? { body: bodyOf(request, response), duplex: 'half' } : {}),
  });
}

/** What the store no longer reads, since the disk is full, goes by unread: the next request comes on the same connection. */
function bodyOf(request: IncomingMessage, response: ServerResponse): ReadableStream {
  const body = request.pipe(new PassThrough());
  request.once('error', (error) => body.destroy(error));
  response.once('finish', () => {
    request.unpipe(body).resume();
    body.destroy();
  });
  return Readable.toWeb(body) as ReadableStream;
}

/** The protocol's own failures in the words of the catalogue; the statuses that clients act upon stay what they are. */
async function problemOf(answered: Response, id: string): Promise<WaybillError> {
  const said = (await answered.text()).trim();
  switch (answered.status) {
    case 404:
    case 410:
      return new WaybillError('upload-not-found', { upload: id });
    case 409:
      return new WaybillError('upload-offset-differs', { upload: id });
    case 413:
      return new WaybillError('body-too-large', { limit: UPLOAD_LIMIT });
    case 415:
      return new WaybillError('unsupported-media-type', { type: 'none', expected: 'application/offset+octet-stream' });
    case 500:
      return new WaybillError('internal', {}, { cause: new Error(said) });
    default:
      return new WaybillError('invalid-request', { reason: `${said.replace(/\.?$/, '')}.` });
  }
}
