import { json, type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { WaybillError, type CanonicalValue } from '@waybill/kernel';
import { sendProblem } from './problem.filter.js';
import { hasBody } from './requestLimits.js';

/** Bytes of a request's JSON. Whatever is larger travels as an upload. */
export const BODY_LIMIT = 16 * 1024 ** 2;
const DEPTH = 64;
/** Milliseconds in which a whole JSON body must be there. */
const ARRIVAL = 120_000;

/**
 * Reads JSON bodies, and nothing else: a body of another type is refused, not ignored.
 * @param arrivalMs milliseconds in which a body must be there as a whole
 */
export function jsonBody(arrivalMs = ARRIVAL): RequestHandler {
  const parse = json({ limit: BODY_LIMIT, type: isJson, strict: true });
  return (request: Request, response: Response, next: NextFunction) => {
    if (hasBody(request) && !isJson(request)) {
      next(
        new WaybillError('unsupported-media-type', {
          type: request.headers['content-type'] ?? 'none',
          expected: 'application/json',
        }),
      );
      return;
    }
    const late = setTimeout(() => {
      sendProblem(new WaybillError('request-timeout', { seconds: arrivalMs / 1_000 }), request, response, {
        Connection: 'close',
      });
    }, arrivalMs);
    // Others may have answered before it was all there; the parser then hears of no end.
    response.once('close', () => clearTimeout(late));
    parse(request, response, (error?: unknown) => {
      clearTimeout(late);
      if (!response.headersSent) next(error === undefined ? faultOf(request.body as unknown) : bodyError(error));
    });
  };
}

const isJson = (request: { readonly headers: Record<string, string | string[] | undefined> }) =>
  /^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(String(request.headers['content-type'] ?? ''));

function bodyError(error: unknown): unknown {
  const { type, message } = error as { type?: string; message?: string };
  if (type === 'entity.too.large') return new WaybillError('body-too-large', { limit: BODY_LIMIT }, { cause: error });
  if (type === 'entity.parse.failed')
    return new WaybillError(
      'invalid-request',
      { reason: 'the body is not valid JSON.' },
      { cause: error, points: [{ pointer: '', message: message ?? 'not valid JSON' }] },
    );
  return error;
}

/** Depth and names that would mean something to the language rather than to us. */
function faultOf(body: unknown): WaybillError | undefined {
  const open: { readonly value: unknown; readonly pointer: string; readonly depth: number }[] = [
    { value: body, pointer: '', depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, depth } = next;
    if (typeof value === 'string' && !value.isWellFormed()) return refused(pointer, 'not well-formed Unicode');
    if (typeof value !== 'object' || value === null) continue;
    if (depth > DEPTH) return refused(pointer, `deeper than ${DEPTH} levels`);
    for (const [key, member] of Object.entries(value)) {
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (key === '__proto__' || !key.isWellFormed()) return refused(at.toWellFormed(), 'not a name that is accepted');
      open.push({ value: member, pointer: at, depth: depth + 1 });
    }
  }
  return undefined;
}

const refused = (pointer: string, message: string) =>
  new WaybillError('invalid-request', { reason: `${pointer} is ${message}.` }, { points: [{ pointer, message }] });

/**
 * The body in a form that has exactly one canonical text. JSON may hold what events may not (fractions, lone surrogates);
 * for telling two requests apart those are written as tagged strings.
 */
export function canonicalBody(value: unknown): CanonicalValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : { number: String(value) };
  if (typeof value === 'string')
    return value.isWellFormed() ? value : { utf16: Buffer.from(value, 'utf16le').toString('hex') };
  if (Array.isArray(value)) return value.map(canonicalBody);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), canonicalBody(member)]));
}
