import { createHash } from 'node:crypto';
import { armoured, unarmoured } from './armour.js';
import { KEY_TYPE, keyBlob, publicKeyOf, rawKey, verifies, type PublicKey } from './publicKey.js';
import type { SigningKey } from './signingKey.js';
import { sshNumber, sshReader, sshString } from './sshWire.js';

const LABEL = 'SSH SIGNATURE';
const MAGIC = Buffer.from('SSHSIG', 'latin1');
const HASH = 'sha512';

/** What stands between an application's signatures and every other use of the same key. */
export const PACKAGE_NAMESPACE = 'package@waybill';

/** A detached signature that `ssh-keygen -Y verify -n NAMESPACE` takes (OpenSSH's PROTOCOL.sshsig). */
export function sshSignature(key: SigningKey, namespace: string, bytes: Uint8Array): string {
  const raw = rawKey(Buffer.from(key.publicKey.line.slice(KEY_TYPE.length + 1), 'base64')) ?? Buffer.alloc(0);
  const signature = Buffer.concat([sshString(KEY_TYPE), sshString(key.sign(signed(namespace, bytes)))]);
  return armoured(
    LABEL,
    Buffer.concat([
      MAGIC,
      sshNumber(1),
      sshString(keyBlob(raw)),
      sshString(namespace),
      sshString(''),
      sshString(HASH),
      sshString(signature),
    ]),
  );
}

/** Whose signature it is, when it is one over exactly these bytes in that namespace. Whether that key is trusted is another question. */
export function sshSigner(text: string, namespace: string, bytes: Uint8Array): PublicKey | undefined {
  const block = unarmoured(LABEL, text);
  if (block === undefined) return undefined;
  const reader = sshReader(block);
  if (!reader.bytes(MAGIC.length)?.equals(MAGIC) || reader.number() !== 1) return undefined;
  const raw = rawKey(reader.string());
  const [found, reserved, hash] = [reader.string(), reader.string(), reader.string()].map((part) =>
    part?.toString('utf8'),
  );
  const inner = sshReader(reader.string() ?? Buffer.alloc(0));
  const [type, signature] = [inner.string()?.toString('latin1'), inner.string()];
  if (raw === undefined || signature === undefined || type !== KEY_TYPE || inner.left + reader.left > 0)
    return undefined;
  if (found !== namespace || reserved !== '' || hash !== HASH) return undefined;
  const key = publicKeyOf(raw);
  return verifies(key, signed(namespace, bytes), signature) ? key : undefined;
}

const signed = (namespace: string, bytes: Uint8Array): Buffer =>
  Buffer.concat([
    MAGIC,
    sshString(namespace),
    sshString(''),
    sshString(HASH),
    sshString(createHash(HASH).update(bytes).digest()),
  ]);
