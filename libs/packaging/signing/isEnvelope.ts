import type { Envelope } from './envelope.js';

const MAX_SIGNATURES = 100;

/** Has this JSON value the members of an envelope? */
export function isEnvelope(value: unknown): value is Envelope {
  const candidate = value as Partial<Envelope> | null;
  return (
    typeof candidate?.payload === 'string' &&
    typeof candidate.payloadType === 'string' &&
    Array.isArray(candidate.signatures) &&
    candidate.signatures.length <= MAX_SIGNATURES &&
    candidate.signatures.every(
      (one: { keyid?: unknown; sig?: unknown } | null) => typeof one?.keyid === 'string' && typeof one.sig === 'string',
    )
  );
}
