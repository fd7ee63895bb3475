import { WaybillError } from '@waybill/kernel';
import type { Envelope } from './envelope.js';
import { isEnvelope } from './isEnvelope.js';

/**
 * The roots in a file such as `publisher-roots.json`: a JSON list of envelopes, the first root first. Whether they are sound is for `rootChain` to say.
 * @param name of the file
 * @throws WaybillError `publisher-root-invalid`
 */
export function parseRoots(bytes: Uint8Array, name = 'the file'): readonly Envelope[] {
  const invalid = (cause?: unknown) =>
    new WaybillError(
      'publisher-root-invalid',
      {
        version: 1,
        reason: `${name} holds no roots. Give the publisher’s publisher-roots.json, or one of its packages.`,
      },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(cause);
  }
  if (!Array.isArray(value) || !value.every(isEnvelope)) throw invalid();
  return value.map(({ payload, payloadType, signatures }) => ({
    payload,
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })),
  }));
}
