import { createHash, timingSafeEqual } from 'node:crypto';

const PREFIX = 'waybill_';
const TOKEN = /^waybill_[A-Za-z0-9_-]{43}$/;

/** The token made of 32 random bytes; its prefix lets scanners of leaked secrets know it. */
export function tokenOf(random: Uint8Array): string {
  if (random.length !== 32) throw new RangeError('a token is made of 32 random bytes');
  return `${PREFIX}${Buffer.from(random).toString('base64url')}`;
}

/** Could this be a token at all? */
export const isToken = (text: string): boolean => TOKEN.test(text);

/** What is stored of a token: SHA-256, 64 hex digits. The token has 256 bits of its own, so no slow hash is needed. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Compares without telling by its time how much was right. */
export function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
