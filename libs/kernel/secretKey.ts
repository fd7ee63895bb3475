import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { canonicalJson, type CanonicalValue } from './canonicalJson.js';
import { WaybillError } from './errors.js';

/** A secret as it stands in an event: AES-256-GCM, base64; readable only with the key whose id it names. */
export interface SealedValue {
  readonly keyId: string;
  readonly nonce: string;
  readonly ciphertext: string;
}

/**
 * The servers' shared secret. Sub-keys for its uses are derived (HKDF-SHA-256), so that no use can be turned against another.
 * `context` binds a sealed value to its place: it opens nowhere else.
 */
export interface SecretKey {
  /** First 8 hex digits of a hash of the key: names it without telling it. */
  readonly id: string;
  seal(plain: string, context: CanonicalValue): SealedValue;
  /** @throws WaybillError `secret-key-wrong` */
  open(sealed: SealedValue, context: CanonicalValue): string;
  /** Tells equal secrets from different ones without telling them. */
  fingerprint(plain: string): string;
  /** The keyed MAC of a command's payload: tells a repeated command from another one under the same key. */
  mac(payload: CanonicalValue): string;
  /** A generated secret of hex digits, always the same for the same name: a plan may be computed twice and still be one plan. */
  generate(name: CanonicalValue, length: number): string;
}

/** @param key 32 bytes */
export function secretKey(key: Uint8Array): SecretKey {
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, 'waybill', purpose, 32));
  const [sealing, printing, command, generation] = [
    derive('seal'),
    derive('fingerprint'),
    derive('command'),
    derive('generate'),
  ];
  const id = derive('id').toString('hex').slice(0, 8);
  const hmac = (subKey: Buffer, text: string) => createHmac('sha256', subKey).update(text).digest('hex');
  return {
    id,
    seal(plain, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce).setAAD(Buffer.from(canonicalJson(context)));
      const ciphertext = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return { keyId: id, nonce: nonce.toString('base64'), ciphertext: ciphertext.toString('base64') };
    },
    open(sealed, context) {
      if (sealed.keyId !== id) throw new WaybillError('secret-key-wrong', { sealedWith: sealed.keyId, present: id });
      const bytes = Buffer.from(sealed.ciphertext, 'base64');
      // Without its length stated, a tag cut to 4 bytes would be taken, and could be guessed.
      const decipher = createDecipheriv('aes-256-gcm', sealing, Buffer.from(sealed.nonce, 'base64'), {
        authTagLength: 16,
      }).setAAD(Buffer.from(canonicalJson(context)));
      decipher.setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
    },
    fingerprint: (plain) => hmac(printing, plain).slice(0, 32),
    mac: (payload) => hmac(command, canonicalJson(payload)),
    generate(name, length) {
      let text = hmac(generation, canonicalJson(name));
      for (let block = 1; text.length < length; block += 1)
        text += hmac(generation, `${canonicalJson(name)}\n${block}`);
      return text.slice(0, length);
    },
  };
}
