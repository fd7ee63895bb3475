import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.js';
import { amountOf, progress } from './progress.js';

describe('progress without a terminal', () => {
  it('tells every step once, and again with its amount after ten seconds', () => {
    const surroundings = fakeSurroundings();
    const told = progress(surroundings);
    told.show('uploading', '1 MB');
    told.show('uploading', '2 MB');
    surroundings.advance(9_999);
    told.show('uploading', '3 MB');
    surroundings.advance(1);
    told.show('uploading', '4 MB');
    told.show('reading');
    told.end();
    expect(surroundings.err()).toBe('uploading\nuploading: 4 MB\nreading\n');
  });
});

describe('progress on a terminal', () => {
  it('is one line that changes and goes away', () => {
    const surroundings = fakeSurroundings({ columns: 80 });
    const told = progress(surroundings);
    told.show('uploading', '1 MB');
    told.show('uploading', '1 MB');
    told.show('uploading', '2 MB');
    told.end();
    told.end();
    expect(surroundings.err()).toBe('\ruploading: 1 MB\u001b[K\ruploading: 2 MB\u001b[K\r\u001b[K');
  });

  it('never wraps, though a character may be two columns wide', () => {
    const surroundings = fakeSurroundings({ columns: 10 });
    progress(surroundings).show('数据库 MySQL starts');
    expect(surroundings.err()).toBe('\r数据库 My\u001b[K');
  });

  it('shows control characters instead of sending them', () => {
    const surroundings = fakeSurroundings({ columns: 80 });
    progress(surroundings).show('starting \u001b[31mweb');
    expect(surroundings.err()).toBe('\rstarting \\u001b[31mweb\u001b[K');
  });
});

describe('an amount', () => {
  it.each([
    [0, 2_000_000, '0 bytes of 2.0 MB (0 %)'],
    [1_999_999, 2_000_000, '2.0 MB of 2.0 MB (99 %)'],
    [512, undefined, '512 bytes'],
    [0, 0, '0 bytes'],
  ])('%s of %s', (done, total, text) => {
    expect(amountOf(done, total)).toBe(text);
  });
});
