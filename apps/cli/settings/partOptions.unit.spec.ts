import { describe, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { partNumbers, partSize } from './partOptions.js';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return isWaybillError(error) ? error.code : String(error);
  }
};

describe('the size of parts', () => {
  it.each([
    ['100m', 100_000_000],
    ['4g', 4_000_000_000],
    ['4G', 4_000_000_000],
    ['1.5gb', 1_500_000_000],
    ['64k', 64_000],
    ['2t', 2_000_000_000_000],
    ['70000', 70_000],
  ])('%s is %d bytes', (text, bytes) => expect(partSize(text)).toBe(bytes));

  it.each(['', 'g', '4x', '-1', '1e3', '4 g', '99999999t'])('"%s" is none', (text) =>
    expect(codeOf(() => partSize(text))).toBe('invalid-request'),
  );
});

describe('the numbers of parts', () => {
  const among = (text: string | undefined) => [1, 2, 3, 4, 5, 6, 7].filter(partNumbers(text));
  it.each([
    [undefined, [1, 2, 3, 4, 5, 6, 7]],
    ['3', [3]],
    ['1-2,5', [1, 2, 5]],
    ['6-', [6, 7]],
  ])('%s are %j', (text, numbers) => expect(among(text)).toEqual(numbers));

  it.each(['', 'a', '1-2-3', '-4', '1;2'])('"%s" are none', (text) =>
    expect(codeOf(() => partNumbers(text))).toBe('invalid-request'),
  );
});
