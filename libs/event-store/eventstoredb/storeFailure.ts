import { hasCode, isWaybillError, WaybillError } from '@waybill/kernel';
import type { ExpectedRevision } from '../eventStore.js';
import { MAX_APPEND_BYTES } from '../eventStore.js';

/** What a failed call means. `away`: nobody knows whether it was carried out, and it may pass. */
export type StoreFailure =
  | { readonly kind: 'away'; readonly reason: string }
  | { readonly kind: 'wrong-revision'; readonly actual: bigint | 'no_stream' }
  | { readonly kind: 'too-large'; readonly limit: number }
  | { readonly kind: 'denied'; readonly reason: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'ours'; readonly error: WaybillError };

interface ClientError {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly actualVersion?: unknown;
  readonly maxAppendSize?: unknown;
}

const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/**
 * Reads an error of the client. It comes in three forms: its own classes with a `type`, raw gRPC errors with a `code` only, and whatever
 * Node throws; so both are looked at, and classes are not.
 */
export function storeFailure(error: unknown): StoreFailure {
  if (isWaybillError(error))
    return hasCode(error, 'store-unavailable')
      ? { kind: 'away', reason: String(error.details['reason']) }
      : { kind: 'ours', error };
  const { type, code, actualVersion, maxAppendSize } = (error ?? {}) as ClientError;
  switch (type) {
    case 'wrong-expected-version':
      return { kind: 'wrong-revision', actual: typeof actualVersion === 'bigint' ? actualVersion : 'no_stream' };
    case 'maximum-append-size-exceeded':
      return { kind: 'too-large', limit: typeof maxAppendSize === 'number' ? maxAppendSize : MAX_APPEND_BYTES };
    case 'stream-not-found':
      return { kind: 'missing' };
    case 'stream-deleted':
      return { kind: 'deleted' };
    case 'access-denied':
      return { kind: 'denied', reason: reasonOf(error) };
    default:
      return code === PERMISSION_DENIED || code === UNAUTHENTICATED
        ? { kind: 'denied', reason: reasonOf(error) }
        : { kind: 'away', reason: reasonOf(error) };
  }
}

/** The port's error for a failure of a call about this stream. */
export function storeError(
  error: unknown,
  about: { readonly stream: string; readonly expected?: ExpectedRevision; readonly size?: number },
): WaybillError {
  const failure = storeFailure(error);
  const { stream, expected, size } = about;
  const options = { cause: error };
  switch (failure.kind) {
    case 'ours':
      return failure.error;
    case 'away':
      return new WaybillError('store-unavailable', { reason: failure.reason }, options);
    case 'denied':
      return new WaybillError('store-denied', { reason: failure.reason }, options);
    case 'too-large':
      return new WaybillError('append-too-large', { stream, size, limit: failure.limit }, options);
    case 'deleted':
      return streamDeleted(stream, 'it has a tombstone.', error);
    case 'missing':
      return streamDeleted(stream, 'it was there a moment ago.', error);
    case 'wrong-revision':
      return wrongRevision(stream, expected ?? 'any', failure.actual);
  }
}

export const wrongRevision = (stream: string, expected: ExpectedRevision, actual: bigint | 'no_stream'): WaybillError =>
  new WaybillError('wrong-expected-revision', { stream, expected: String(expected), actual: String(actual) });

export const streamDeleted = (stream: string, reason: string, cause?: unknown): WaybillError =>
  new WaybillError('stream-deleted', { stream, reason }, { cause });

export const closedError = (): WaybillError =>
  new WaybillError('store-unavailable', { reason: 'this connection to the event store was closed.' });

export const lateError = (milliseconds: number): WaybillError =>
  new WaybillError('store-unavailable', { reason: `it did not answer within ${milliseconds} ms.` });

function reasonOf(error: unknown): string {
  const { message, type, code } = (error ?? {}) as ClientError;
  // gRPC ends it with the name of a note that is empty.
  if (typeof message === 'string' && message !== '') return message.replace(/ Resolution note: *$/, '');
  return typeof type === 'string' ? type : `error ${String(code ?? error)}`;
}
