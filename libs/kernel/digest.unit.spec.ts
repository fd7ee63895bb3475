import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digest, digestFrom, digestOf, hexOf, isDigest, sha256 } from './digest.js';
import { hasCode } from './errors.js';

const ABC = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('a digest', () => {
  it('is SHA-256 with its name in front (FIPS 180-4)', () => {
    expect([sha256('abc'), sha256(Buffer.from('abc')), digestFrom(createHash('sha256').update('abc'))]).toStrictEqual([
      ABC,
      ABC,
      ABC,
    ]);
    expect(sha256('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('of a value is that of its canonical JSON', () => {
    expect(digestOf({ b: [1], a: 'é' })).toBe(sha256('{"a":"é","b":[1]}'));
    expect(digestOf({ a: 'é', b: [1], c: undefined })).toBe(digestOf({ b: [1], a: 'é' }));
  });

  it('gives its hex digits', () => {
    expect(hexOf(digest(ABC))).toBe(ABC.slice(7));
  });

  it.each([
    ['no name', ABC.slice(7)],
    ['another name', ABC.replace('sha256', 'sha512')],
    ['too few digits', ABC.slice(0, -1)],
    ['too many digits', `${ABC}0`],
    ['upper case', ABC.toUpperCase()],
    ['a line after it', `${ABC}\n`],
    ['nothing', ''],
  ])('is refused with %s', (_, text) => {
    const parse = () => {
      try {
        return digest(text);
      } catch (error) {
        return error;
      }
    };
    const error = parse();
    expect(isDigest(text)).toBe(false);
    expect(hasCode(error, 'invalid-digest') && error.details).toStrictEqual({ text });
  });
});
