import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { isWaybillError, WaybillError } from '@waybill/kernel';
import { armoured, unarmoured } from './armour.js';
import { KEY_TYPE, keyBlob, publicKeyOf, type PublicKey } from './publicKey.js';
import { sshNumber, sshReader, sshString } from './sshWire.js';

/** An Ed25519 key that signs; what it is made of never leaves it. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** 64 bytes over exactly these bytes. */
  sign(bytes: Uint8Array): Buffer;
}

const LABEL = 'OPENSSH PRIVATE KEY';
const MAGIC = 'openssh-key-v1\0';
const BLOCK = 8;
/** PKCS #8 around an Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Opens a private key file without a passphrase: as `ssh-keygen -t ed25519` writes it, or PKCS #8 in PEM as `openssl genpkey -algorithm ed25519` does.
 * @throws WaybillError `signing-key-invalid`
 */
export function openSigningKey(text: string, where: string): SigningKey {
  const invalid = (reason: string, cause?: unknown) =>
    new WaybillError('signing-key-invalid', { where, reason }, { cause });
  const block = unarmoured(LABEL, text);
  if (block !== undefined) return signingKeyOf(seedIn(block, invalid));
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType !== 'ed25519')
      throw invalid(`it is of the kind ${key.asymmetricKeyType ?? '?'}, not Ed25519.`);
    return signer(key);
  } catch (error) {
    if (isWaybillError(error)) throw error;
    throw invalid('a private Ed25519 key without passphrase is expected, as ssh-keygen or openssl writes it.', error);
  }
}

/** @param seed 32 random bytes */
export const signingKeyOf = (seed: Uint8Array): SigningKey =>
  signer(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }));

/** The text of a new private key file that OpenSSH reads as well. */
export function signingKeyFile(seed: Uint8Array, comment: string): string {
  const raw = rawPublic(createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' }));
  // Two equal numbers tell OpenSSH that a passphrase was right; without one they may be any.
  const check = sshNumber(0);
  const secret = Buffer.concat([
    check,
    check,
    sshString(KEY_TYPE),
    sshString(raw),
    sshString(Buffer.concat([seed, raw])),
    sshString(comment),
  ]);
  const padding = Buffer.from(
    Array.from({ length: (BLOCK - (secret.length % BLOCK)) % BLOCK }, (_, index) => index + 1),
  );
  const none = sshString('none');
  return armoured(
    LABEL,
    Buffer.concat([
      Buffer.from(MAGIC, 'latin1'),
      none,
      none,
      sshString(''),
      sshNumber(1),
      sshString(keyBlob(raw)),
      sshString(Buffer.concat([secret, padding])),
    ]),
  );
}

function signer(key: KeyObject): SigningKey {
  return { publicKey: publicKeyOf(rawPublic(key)), sign: (bytes) => sign(null, bytes, key) };
}

const rawPublic = (key: KeyObject): Buffer =>
  Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url');

function seedIn(block: Buffer, invalid: (reason: string) => WaybillError): Buffer {
  const reader = sshReader(block);
  if (reader.bytes(MAGIC.length)?.toString('latin1') !== MAGIC) throw invalid('it is no OpenSSH key of version 1.');
  const cipher = reader.string()?.toString('latin1');
  if (cipher !== 'none') throw invalid('it is protected by a passphrase; a server needs one without.');
  const [, , count] = [reader.string(), reader.string(), reader.number()];
  reader.string();
  const secret = sshReader(reader.string() ?? Buffer.alloc(0));
  const [first, second] = [secret.number(), secret.number()];
  const type = secret.string()?.toString('latin1');
  const [, pair] = [secret.string(), secret.string()];
  if (count !== 1 || first !== second) throw invalid('it is damaged.');
  if (type !== KEY_TYPE) throw invalid(`it is of the kind ${type ?? '?'}, not ${KEY_TYPE}.`);
  if (pair?.length !== 64) throw invalid('it is damaged.');
  return pair.subarray(0, 32);
}
