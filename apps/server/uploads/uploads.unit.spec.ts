import { describe, expect, it } from 'vitest';
import { nameOf } from './uploads.js';

describe('the name of an upload', () => {
  it.each([
    ['shop-1.0-ram.tar.gz', 'shop-1.0-ram.tar.gz'],
    ['商城-1.0.tar.gz', '商城-1.0.tar.gz'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\x\\shop.tar.gz', 'shop.tar.gz'],
    ['a\u001b[31m\n.gz', 'a\\u001b[31m\\u000a.gz'],
    ['\u202egz.rat', '\\u202egz.rat'],
    ['..', 'upload'],
    ['', 'upload'],
    ['x'.repeat(500), 'x'.repeat(200)],
  ])('%j becomes %j', (filename, name) => {
    expect(nameOf({ filename })).toBe(name);
  });

  it('may be missing', () => {
    expect([nameOf(undefined), nameOf({ filename: null }), nameOf({ name: 'a' })]).toEqual(['upload', 'upload', 'a']);
  });
});
