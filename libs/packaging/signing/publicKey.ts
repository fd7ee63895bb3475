import { createHash, createPublicKey, verify } from 'node:crypto';
import { WaybillError, type Brand } from '@waybill/kernel';
import { strictBase64 } from './armour.js';
import { sshReader, sshString } from './sshWire.js';

/** `SHA256:` and 43 characters, as `ssh-keygen -l` prints it: what two people compare by telephone. */
export type KeyFingerprint = Brand<`SHA256:${string}`, 'KeyFingerprint'>;

/** An Ed25519 public key. */
export interface PublicKey {
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly line: string;
  readonly fingerprint: KeyFingerprint;
}

export const KEY_TYPE = 'ssh-ed25519';
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The key as it stands inside signatures and private key files. */
export const keyBlob = (raw: Uint8Array): Buffer => Buffer.concat([sshString(KEY_TYPE), sshString(raw)]);

/** @param raw 32 bytes */
export function publicKeyOf(raw: Uint8Array): PublicKey {
  const blob = keyBlob(raw);
  const hash = createHash('sha256').update(blob).digest('base64').replace('=', '');
  return { line: `${KEY_TYPE} ${blob.toString('base64')}`, fingerprint: `SHA256:${hash}` as KeyFingerprint };
}

/**
 * Reads a public key as OpenSSH writes it into `.pub` files; a comment behind it is passed over.
 * @throws WaybillError `signing-key-invalid`
 */
export function parsePublicKey(text: string, where = 'The public key'): PublicKey {
  const [type, content = ''] = text.trim().split(/[ \t]+/, 2);
  const raw = type === KEY_TYPE ? rawKey(strictBase64(content)) : undefined;
  if (raw === undefined)
    throw new WaybillError('signing-key-invalid', { where, reason: `one line "${KEY_TYPE} AAAA…" is expected.` });
  return publicKeyOf(raw);
}

/** The 32 bytes of a key blob, or `undefined` when it is no Ed25519 key. */
export function rawKey(blob: Buffer | undefined): Buffer | undefined {
  if (blob === undefined) return undefined;
  const reader = sshReader(blob);
  const [type, raw] = [reader.string()?.toString('latin1'), reader.string()];
  return type === KEY_TYPE && raw?.length === KEY_BYTES && reader.left === 0 ? raw : undefined;
}

/** Whether the holder of the key signed exactly these bytes. */
export function verifies(key: PublicKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  const raw = rawKey(Buffer.from(key.line.slice(KEY_TYPE.length + 1), 'base64'));
  if (raw === undefined || signature.length !== SIGNATURE_BYTES) return false;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
  return verify(null, bytes, createPublicKey({ key: jwk, format: 'jwk' }), signature);
}
