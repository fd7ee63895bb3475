import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, isWaybillError, sha256 } from '@waybill/kernel';
import { partHasher } from './partHasher.js';
import {
  indexName,
  namedPart,
  parsePartsIndex,
  partCount,
  partName,
  partableName,
  partsIndexBytes,
  partsOf,
  type PartsIndex,
} from './partsIndex.js';

/** The index of these bytes, its digests taken while they pass in chunks of other sizes. */
function indexOf(bytes: Uint8Array, partSize: number, chunk: number, name = 'shop-1.0.waybill'): PartsIndex {
  const hasher = partHasher(partSize);
  for (let at = 0; at < bytes.length; at += chunk) hasher.update(bytes.subarray(at, at + chunk));
  return { schema: 1, package: { name, digest: sha256(bytes), size: bytes.length }, partSize, parts: hasher.digests() };
}

const codeOf = (bytes: Uint8Array): unknown => {
  try {
    return parsePartsIndex(bytes, 'x.parts.json');
  } catch (error) {
    return isWaybillError(error) ? error.code : error;
  }
};

const shop = indexOf(Buffer.from('abcdefgh'), 3, 8);

describe('the index of a split package', () => {
  it('is read as what was written, and lists the parts as they lie in the package, whatever pieces it came in', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 320 }),
        fc.integer({ min: 1, max: 320 }),
        (bytes, partSize, chunk) => {
          fc.pre(partCount(bytes.length, partSize) <= 999);
          const index = indexOf(bytes, partSize, chunk);
          expect(parsePartsIndex(partsIndexBytes(index), 'x')).toEqual(index);
          const parts = partsOf(index);
          expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(bytes.length);
          for (const { at, size, digest } of parts) expect(sha256(bytes.subarray(at, at + size))).toBe(digest);
        },
      ),
    );
  });

  it('calls the parts by the package and their number', () => {
    expect(indexName(shop.package.name)).toBe('shop-1.0.waybill.parts.json');
    expect(partsOf(shop).map(({ number, name, at, size }) => [number, name, at, size])).toEqual([
      [1, 'shop-1.0.waybill.part-001', 0, 3],
      [2, 'shop-1.0.waybill.part-002', 3, 3],
      [3, 'shop-1.0.waybill.part-003', 6, 2],
    ]);
    expect(namedPart(partName('a.part-001', 12))).toEqual({ package: 'a.part-001', number: 12 });
    expect(namedPart('shop-1.0.waybill')).toBeUndefined();
  });

  it.each([
    ['shop-1.0.waybill', 'shop-1.0.waybill'],
    ['.hidden/../x\u001b', '_hidden_.._x_'],
    ['', '_'],
  ])('calls the parts of "%s" by "%s"', (name, expected) => expect(partableName(name)).toBe(expected));

  it('can be written of a package of any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const index = indexOf(Buffer.from('ab'), 1, 2, partableName(name));
        expect(parsePartsIndex(partsIndexBytes(index), 'x')).toEqual(index);
      }),
    );
    const long = partableName(`${'业务'.repeat(200)}-1.0-ram.tar.gz`);
    expect([Buffer.byteLength(long) <= 200, long.endsWith('-1.0-ram.tar.gz')]).toEqual([true, true]);
  });

  it('is refused when any one bit of it is another', () => {
    const bytes = partsIndexBytes(shop);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(codeOf(changed)).toBe('parts-index-invalid');
    }
  });

  const named = (name: string): PartsIndex => ({ ...shop, package: { ...shop.package, name } });
  const later = { ...(JSON.parse(partsIndexBytes(shop).toString()) as object), schema: 2 };
  it.each([
    ['is no JSON', Buffer.from('{')],
    ['is of a later schema', Buffer.from(canonicalJson(later as Record<string, number>))],
    ['has no part', partsIndexBytes({ ...shop, parts: [] })],
    ['has a part too many', partsIndexBytes({ ...shop, parts: [...shop.parts, ...shop.parts] })],
    ['has more parts than there may be', partsIndexBytes(indexOf(Buffer.alloc(1000), 1, 1000))],
    ['has parts of no size', partsIndexBytes({ ...shop, partSize: 0 })],
    ['names a path', partsIndexBytes(named('../evil'))],
    ['names a hidden file', partsIndexBytes(named('.evil'))],
    ['has a name that a terminal would obey', partsIndexBytes(named('a\u001b[2J'))],
  ])('that %s is refused', (_, bytes) => expect(codeOf(bytes)).toBe('parts-index-invalid'));
});
