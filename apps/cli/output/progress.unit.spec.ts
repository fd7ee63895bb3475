import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../testing/surroundings.js';
import { secondsText } from './amounts.js';
import { progress } from './progress.js';
import { progressLine, type Told } from './progressLine.js';

const MB = 1_000_000;
const uploading = (bytes: number): Told => ({ step: 'uploading', bytes, total: 8 * MB });

describe('progress without a terminal', () => {
  it('tells every step once, and again with its figures after ten seconds', () => {
    const surroundings = fakeSurroundings();
    const told = progress(surroundings);
    told.show(uploading(MB));
    told.show(uploading(2 * MB));
    surroundings.advance(9_999);
    told.show(uploading(3 * MB));
    surroundings.advance(1);
    told.show({ ...uploading(4 * MB), rate: 2 * MB, remaining: 2 });
    told.show('reading');
    told.end();
    expect(surroundings.err()).toBe('uploading\nuploading: 50 %, 4.0 MB of 8.0 MB, 2 s left, 2.0 MB/s\nreading\n');
  });
});

describe('progress on a terminal', () => {
  it('is one line that changes a few times a second and goes away', () => {
    const surroundings = fakeSurroundings({ columns: 30 });
    const told = progress(surroundings);
    told.show(uploading(MB));
    told.show(uploading(2 * MB));
    surroundings.advance(100);
    told.show(uploading(3 * MB));
    told.show(uploading(8 * MB));
    told.end();
    told.end();
    expect(surroundings.err().split('\r')).toEqual([
      '',
      'uploading  [=         ]  12 %\u001b[K',
      'uploading  [===       ]  37 %\u001b[K',
      'uploading  [=========]  100 %\u001b[K',
      '\u001b[K',
    ]);
  });

  it('never goes back, though what was lost on the way is sent again', () => {
    const surroundings = fakeSurroundings({ columns: 80 });
    const told = progress(surroundings);
    const shows: readonly Told[] = [
      uploading(6 * MB),
      { step: 'the connection was lost' },
      uploading(2 * MB),
      uploading(7 * MB),
    ];
    for (const one of shows) {
      told.show(one);
      surroundings.advance(1_000);
    }
    told.show({ step: 'starting web', steps: { done: 3, total: 6 } });
    told.show({ step: 'loading images', steps: { done: 0, total: 5 } });
    expect([...surroundings.err().matchAll(/(\d+) %/g)].map(([, share]) => Number(share))).toEqual([75, 75, 87]);
    expect([...surroundings.err().matchAll(/\[(\d)\/\d\]/g)].map(([, step]) => Number(step))).toEqual([4, 4]);
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

describe('a line of progress', () => {
  const told: Told = {
    step: 'uploading shop-1.0-ram.tar.gz',
    bytes: 12_300_000,
    total: 48_000_000,
    rate: 5_100_000,
    remaining: 7,
  };

  it.each([
    [
      110,
      'uploading shop-1.0-ram.tar.gz  [=======                     ]  25 %  12.3 MB of 48.0 MB  7 s left  5.1 MB/s',
    ],
    [70, 'uploading shop-1.0-ram.t  25 %  12.3 MB of 48.0 MB  7 s left  5.1 MB/s'],
    [45, 'uploading shop-1.0-  25 %  12.3 MB of 48.0 MB'],
    [24, 'uploading shop-1.0  25 %'],
    [12, 'uploading sh'],
  ])('in %i columns', (columns, line) => {
    expect(progressLine(told, columns)).toBe(line);
  });

  it('names the step among all, why it waits, and when it gives up', () => {
    const waiting: Told = {
      step: 'waiting until web is ready',
      steps: { done: 3, total: 6 },
      reason: 'connection refused',
      until: '2026-03-01T00:00:00.000Z',
      remaining: 90,
    };
    expect(progressLine(waiting, 100)).toBe(
      '[4/6] waiting until web is ready: connection refused  gives up in 1 min 30 s',
    );
    const narrow = {
      ...waiting,
      step: 'waiting until 数据库 MySQL is ready',
      reason: 'connect ECONNREFUSED 10.1.2.3:3306',
    };
    expect(progressLine(narrow, 80)).toBe(
      '[4/6] connect ECONNREFUSED 10.1.2.3:3306 (waiting until   gives up in 1 min 30 s',
    );
  });

  it.each([
    [0, '0 s'],
    [59.6, '1 min 0 s'],
    [90, '1 min 30 s'],
    [7_300, '2 h 1 min'],
  ])('says %f seconds as %s', (seconds, text) => {
    expect(secondsText(seconds)).toBe(text);
  });
});
