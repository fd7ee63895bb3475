import { describe, expect, it } from 'vitest';
import { collectionText } from './collectionText.js';

const nothing = { outcome: 'nothing', content: [], exports: [], kept: [], bytes: 0 } as const;

describe('what a collection tells', () => {
  it('gives each version that stays a line of its own, with what is in its names spelt out', () => {
    const kept = [
      {
        template: 'shop',
        version: '1.0',
        withdrawn: 'old',
        images: { kept: 2, of: 2 },
        because: ['one runs it', 'two runs it'],
      },
      { template: 'sh\nop', version: '2.0', withdrawn: 'old', images: { kept: 1, of: 3 }, because: ['one runs it'] },
    ];
    expect(collectionText({ ...nothing, kept })).toBe(
      `There is nothing to collect.
shop 1.0 was withdrawn, and its images stay: one runs it; two runs it
sh\\u000aop 2.0 was withdrawn, and 1 of its 3 images stays: one runs it
`,
    );
  });
});
