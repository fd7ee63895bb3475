import { strictBase64 } from './armour.js';
import { verifies, type KeyFingerprint, type PublicKey } from './publicKey.js';
import type { SigningKey } from './signingKey.js';

/** A DSSE envelope (secure-systems-lab/dsse, protocol 1.0): a payload, its type, and any number of signatures over both. */
export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/** Signs a payload with every key given. */
export function envelope(keys: readonly SigningKey[], payloadType: string, payload: Uint8Array): Envelope {
  const bytes = preAuthentication(payloadType, payload);
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: keys.map((key) => ({ keyid: key.publicKey.fingerprint, sig: key.sign(bytes).toString('base64') })),
  };
}

export interface OpenedEnvelope {
  readonly payload: Buffer;
  /** Of the keys asked about, those that signed, each once however often it did. */
  readonly signers: ReadonlySet<KeyFingerprint>;
}

/**
 * The payload and who signed it, or `undefined` when it is of another type or no one asked about signed it. The payload must not be
 * looked at before. `keyid` is a hint that anyone can write, so it is not believed: each signature is tried with each key.
 */
export function openEnvelope(
  { payload, payloadType, signatures }: Envelope,
  expectedType: string,
  keys: readonly PublicKey[],
): OpenedEnvelope | undefined {
  const bytes = strictBase64(payload);
  if (payloadType !== expectedType || bytes === undefined) return undefined;
  const signed = preAuthentication(payloadType, bytes);
  const valid = (key: PublicKey) =>
    signatures.some(({ sig }) => {
      const signature = strictBase64(sig);
      return signature !== undefined && verifies(key, signed, signature);
    });
  const signers = new Set(keys.filter(valid).map(({ fingerprint }) => fingerprint));
  return signers.size === 0 ? undefined : { payload: bytes, signers };
}

/** The payload of an envelope whose signatures are to be checked with keys that the payload itself names. */
export const claimedPayload = ({ payload, payloadType }: Envelope, expectedType: string): Buffer | undefined =>
  payloadType === expectedType ? strictBase64(payload) : undefined;

/** What is signed: type and payload with their lengths, so that neither can run into the other. */
function preAuthentication(type: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, 'utf8'), payload]);
}
