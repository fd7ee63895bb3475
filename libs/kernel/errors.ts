import { catalogue, type ErrorCode, type ErrorEntry } from './errorCatalogue.js';

export type ErrorDetails = Readonly<Record<string, string | number | boolean | undefined | readonly string[]>>;

/** One point of a request that was wrong: where (JSON pointer or field), and what to do. */
export interface ErrorPoint {
  readonly pointer: string;
  readonly message: string;
}

/**
 * Every failure a caller can meet. The code names an entry of the one catalogue, which holds the HTTP status, the exit code and the words;
 * the details fill the words' `{places}` and travel with the answer. Recognise it by `isWaybillError`, never by `instanceof`.
 */
export class WaybillError extends Error {
  override readonly name = 'WaybillError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly points: readonly ErrorPoint[];

  constructor(
    code: ErrorCode,
    details: ErrorDetails = {},
    options: { readonly cause?: unknown; readonly points?: readonly ErrorPoint[] } = {},
  ) {
    super(sentence(catalogue[code], details), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = details;
    this.points = options.points ?? [];
  }
}

export function isWaybillError(error: unknown): error is WaybillError {
  return (
    error instanceof Error && error.name === 'WaybillError' && typeof (error as { code?: unknown }).code === 'string'
  );
}

/** Is this the failure with that code? */
export const hasCode = (error: unknown, code: ErrorCode): error is WaybillError =>
  isWaybillError(error) && error.code === code;

function sentence(entry: ErrorEntry, details: ErrorDetails): string {
  return entry.message.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = details[name];
    return printable(Array.isArray(value) ? value.join(', ') : String(value ?? '?'));
  });
}

/** Names from packages and requests end up in terminals and logs: control characters are shown, never sent. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
