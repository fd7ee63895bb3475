import { catalogue, isWaybillError, type ErrorCode } from '@waybill/kernel';
import type { Failure } from '../domain/importEvents.js';

/** What to do about an error of an import's step. */
export type Reaction = { readonly kind: 'refuse' | 'fail'; readonly failure: Failure } | { readonly kind: 'retry' };

const passing: readonly ErrorCode[] = [
  'store-unavailable',
  'disk-full',
  'conflict',
  'claim-held',
  'claim-lost',
  'revision-mismatch',
];

/** The package's fault is a refusal, what may pass by itself is tried again, the rest fails the import. */
export function reactionTo(error: unknown, correlationId: string): Reaction {
  if (!isWaybillError(error)) return { kind: 'fail', failure: unexpected(correlationId) };
  if (passing.includes(error.code)) return { kind: 'retry' };
  const { status } = catalogue[error.code];
  const failure = { code: error.code, message: error.message.toWellFormed(), details: detailsOf(error.details) };
  return { kind: status === 400 || status === 422 ? 'refuse' : 'fail', failure };
}

// The words of an unforeseen error may hold anything; they go to the server's log, not into the event.
const unexpected = (correlationId: string): Failure => ({
  code: 'internal',
  message: catalogue.internal.message.replace('{correlationId}', correlationId),
  details: { correlationId },
});

function detailsOf(details: Readonly<Record<string, unknown>>): Failure['details'] {
  const present = Object.entries(details).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, canonical(value)]));
}

/** Event data holds safe integers only. */
function canonical(value: unknown): Failure['details'][string] {
  if (Array.isArray(value)) return value.map((item) => String(item).toWellFormed());
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return value as boolean | number;
  return String(value).toWellFormed();
}
