import { describe, expect, it } from 'vitest';
import { hasCode } from './errors.js';
import { secretKey, type SealedValue } from './secretKey.js';

const key = secretKey(new Uint8Array(32).fill(1));
const same = secretKey(new Uint8Array(32).fill(1));
const other = secretKey(new Uint8Array(32).fill(2));
const place = { instance: 'i1', setting: 'api.PASSWORD' };

/** Computed with another implementation of HKDF and HMAC. */
const GOLDEN = {
  id: '3fe8239a',
  fingerprint: 'a25f9ed540799169ac626a7222598394',
  mac: '49f9053803de8db972b7e7b75c129068630a53eff24e9f5ccec6cb925718d8bd',
  generated: 'eff9d6d4c25f61bd',
};
const SEALED = { nonce: 'BuJEZIJ6ld6WJDqK', ciphertext: 'xqdOxeU1EKOk4xJZ6fuKQeA19BLx7a4=' };

const failure = (call: () => unknown) => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

describe('a secret key', () => {
  it.each(['', 'hunter2', 'pässwörd 😀', 'x'.repeat(10_000)])('opens what it sealed (%#)', (plain) => {
    const sealed = key.seal(plain, place);
    expect([key.open(sealed, place), same.open(sealed, place)]).toStrictEqual([plain, plain]);
    expect(sealed.keyId).toBe(key.id);
    expect(Buffer.from(sealed.ciphertext, 'base64').length).toBe(Buffer.byteLength(plain) + 16);
  });

  it('seals the same secret differently every time', () => {
    const [one, two] = [key.seal('hunter2', place), key.seal('hunter2', place)];
    expect(one.nonce).not.toBe(two.nonce);
    expect(one.ciphertext).not.toBe(two.ciphertext);
  });

  it('says which key a value was sealed with when it is another one', () => {
    const error = failure(() => other.open(key.seal('hunter2', place), place));
    expect(hasCode(error, 'secret-key-wrong') && error.details).toStrictEqual({
      sealedWith: key.id,
      present: other.id,
    });
  });

  it('opens a value in its own place only', () => {
    const sealed = key.seal('hunter2', place);
    expect(() => key.open(sealed, { ...place, setting: 'api.OTHER' })).toThrow();
    expect(key.open(sealed, { setting: place.setting, instance: place.instance })).toBe('hunter2');
  });

  it('does not open a value that was changed', () => {
    const sealed = key.seal('hunter2', place);
    const changed = Buffer.from(sealed.ciphertext, 'base64');
    changed.writeUInt8(changed.readUInt8(0) ^ 1, 0);
    const values: readonly SealedValue[] = [
      { ...sealed, ciphertext: changed.toString('base64') },
      { ...sealed, ciphertext: '' },
      { ...sealed, ciphertext: Buffer.alloc(4).toString('base64') },
      { ...sealed, nonce: Buffer.alloc(12).toString('base64') },
    ];
    for (const value of values) expect(() => key.open(value, place)).toThrow();
  });

  it('tells equal secrets from different ones without telling them', () => {
    expect(same.fingerprint('hunter2')).toBe(key.fingerprint('hunter2'));
    expect(new Set([key.fingerprint('hunter2'), key.fingerprint('hunter3'), other.fingerprint('hunter2')]).size).toBe(
      3,
    );
    expect(key.fingerprint('hunter2')).toMatch(/^[0-9a-f]{32}$/);
  });

  it('marks equal payloads alike, however they were built', () => {
    expect(same.mac({ b: 1, a: 2 })).toBe(key.mac({ a: 2, b: 1 }));
    expect(new Set([key.mac({ a: 1 }), key.mac({ a: 2 }), other.mac({ a: 1 })]).size).toBe(3);
  });

  it('uses another sub-key for every purpose', () => {
    expect(new Set([key.fingerprint('"x"').slice(0, 32), key.mac('x').slice(0, 32), key.generate('x', 32)]).size).toBe(
      3,
    );
  });

  it('generates the same secret for the same name, as long as asked', () => {
    const secret = key.generate(place, 24);
    expect(key.generate(place, 200)).toMatch(/^[0-9a-f]{200}$/);
    expect([same.generate(place, 24), key.generate(place, 12), secret.length]).toStrictEqual([
      secret,
      secret.slice(0, 12),
      24,
    ]);
    expect(new Set([secret, key.generate({ ...place, setting: 'b' }, 24), other.generate(place, 24)]).size).toBe(3);
  });

  it('never changes what it derives: logs already hold it', () => {
    expect({
      id: key.id,
      fingerprint: key.fingerprint('hunter2'),
      mac: key.mac({ a: 1 }),
      generated: key.generate('name', 16),
    }).toStrictEqual(GOLDEN);
    const sealed = { keyId: key.id, nonce: SEALED.nonce, ciphertext: SEALED.ciphertext };
    expect(key.open(sealed, place)).toBe('hunter2');
  });
});
