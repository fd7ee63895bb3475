import { catalogue, isWaybillError, WaybillError, type ErrorCode, type ErrorPoint } from '@waybill/kernel';
import { printable } from '@waybill/kernel';

/** An RFC 9457 problem as callers get it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly correlationId: string;
  readonly errors?: readonly ErrorPoint[];
  /** Machine-readable particulars of the code, e.g. both digests of a version that differs. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Seconds after which a caller may try again what was 503. */
export const RETRY_AFTER = 2;

/** The problem of an error, whoever threw it; `path` is the request's, without its query. */
export function problemOf(error: unknown, request: { readonly path: string; readonly correlationId: string }): Problem {
  const known = waybillErrorOf(error, request);
  const { status, title } = catalogue[known.code];
  const details = Object.entries(known.details).filter(([name, value]) => value !== undefined && name !== 'reason');
  const withDetails = details.length > 0 && known.code !== 'internal';
  return {
    type: `urn:waybill:problem:${known.code}`,
    title,
    status,
    detail: known.message,
    instance: printable(request.path),
    code: known.code,
    correlationId: request.correlationId,
    ...(known.points.length === 0 ? {} : { errors: known.points }),
    ...(withDetails ? { details: Object.fromEntries(details) } : {}),
  };
}

/** What went wrong in the words of the catalogue. What nobody foresaw is `internal`, and tells nothing of the inside. */
export function waybillErrorOf(
  error: unknown,
  request: { readonly path: string; readonly correlationId: string },
): WaybillError {
  if (isWaybillError(error) && error.code in catalogue) return error;
  const http = httpErrorOf(error);
  switch (http?.status) {
    case 400:
      return new WaybillError('invalid-request', { reason: http.message }, { cause: error });
    case 404:
      return new WaybillError('route-not-found', { path: request.path }, { cause: error });
    case 413:
      return new WaybillError('body-too-large', { limit: http.limit }, { cause: error });
    case 415:
      return new WaybillError(
        'unsupported-media-type',
        { type: http.message, expected: 'application/json in UTF-8' },
        { cause: error },
      );
    default:
      return new WaybillError('internal', { correlationId: request.correlationId }, { cause: error });
  }
}

interface HttpError {
  readonly status: number;
  readonly message: string;
  readonly limit: number;
}

/** Errors of Nest (`getStatus`) and of Express' own parts (`status`, `expose`) by their shape. */
function httpErrorOf(error: unknown): HttpError | undefined {
  if (!(error instanceof Error)) return undefined;
  const shape = error as Error & { status?: unknown; getStatus?: () => number; limit?: unknown; cause?: unknown };
  const status = typeof shape.getStatus === 'function' ? shape.getStatus() : shape.status;
  if (typeof status !== 'number') return undefined;
  const limit = shape.limit ?? (shape.cause as { limit?: unknown } | undefined)?.limit;
  return { status, message: sentenceOf(shape.message), limit: typeof limit === 'number' ? limit : 0 };
}

const sentenceOf = (message: string) => (/[.!?]$/.test(message) ? message : `${message}.`);
