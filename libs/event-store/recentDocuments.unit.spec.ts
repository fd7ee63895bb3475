import { describe, expect, it } from 'vitest';
import { sha256 } from '@waybill/kernel';
import { recentDocuments } from './recentDocuments.js';

const [a, b, c] = [sha256('a'), sha256('b'), sha256('c')];
const of = (size: number) => new Uint8Array(size).fill(size);

describe('documents that were used last', () => {
  it('are kept as long as all of them fit, those not used for longest given up first', () => {
    const recent = recentDocuments(10);
    recent.add(a, of(4));
    recent.add(b, of(4));
    recent.get(a);
    recent.add(c, of(5));
    expect([recent.get(a), recent.get(b), recent.get(c)]).toStrictEqual([of(4), undefined, of(5)]);
  });

  it('count once, however often they are added', () => {
    const recent = recentDocuments(10);
    for (const digest of [a, a, a, b]) recent.add(digest, of(4));
    expect([recent.get(a), recent.get(b)]).toStrictEqual([of(4), of(4)]);
  });

  it('are not kept when one alone is too large', () => {
    const recent = recentDocuments(10);
    recent.add(a, of(4));
    recent.add(b, of(11));
    expect([recent.get(a), recent.get(b)]).toStrictEqual([of(4), undefined]);
  });

  it('stay as they were when their bytes are changed by whoever gave them', () => {
    const recent = recentDocuments(10);
    const bytes = of(4);
    recent.add(a, bytes);
    bytes.fill(0);
    expect(recent.get(a)).toStrictEqual(of(4));
  });
});
