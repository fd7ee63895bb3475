import { describe, expect, it } from 'vitest';
import { mask } from './mask.js';

const secret = 'p@ss/word+1';

describe('masking a log', () => {
  it('hides a secret as it is and URL-encoded', () => {
    expect(mask(`plain ${secret}, in a URL ${encodeURIComponent(secret)}.`, [secret])).toBe('plain •••, in a URL •••.');
  });

  it('hides a secret inside base64 at any offset', () => {
    for (const before of ['', 'u', 'us', 'use']) {
      const encoded = Buffer.from(`${before}${secret}:tail`).toString('base64');
      const masked = mask(`token ${encoded}`, [secret]);
      expect(masked).toContain('•••');
      expect(Buffer.from(masked.slice('token '.length), 'base64').toString('utf8')).not.toContain(secret);
    }
  });

  it('leaves texts alone that hold no secret, and secrets that are too short to mean anything', () => {
    expect(mask('a=1 b=2', [secret, '1'])).toBe('a=1 b=2');
  });
});
