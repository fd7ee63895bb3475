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
    const kept = shortened(details);
    super(sentence(catalogue[code], kept), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = kept;
    this.points = (options.points ?? []).map(({ pointer, message }) => ({
      pointer: short(pointer),
      message: short(message),
    }));
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

/** Longest text of a detail, in UTF-16 units: a name may be as long as the file that holds it, an event or a line of a log may not. */
const LONGEST = 1000;

const short = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()}… (${text.length} characters)` : text;

const shortened = (details: ErrorDetails): ErrorDetails =>
  Object.fromEntries(Object.entries(details).map(([name, value]) => [name, shortValue(value)]));

function shortValue(value: ErrorDetails[string]): ErrorDetails[string] {
  if (typeof value === 'string') return short(value);
  return typeof value === 'object' ? value.map(short) : value;
}

/** What a terminal would obey or not show: control characters, those that turn the direction of text, halves of pairs, spaces without width. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u200b\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * Names from packages and requests end up in terminals and logs: what would act there, or not be seen, is spelled out,
 * as in JSON: a JSON text without line breaks means the same before and after.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (c) =>
    c
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
