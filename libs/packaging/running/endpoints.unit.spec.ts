import { describe, expect, it } from 'vitest';
import { readEndpoints } from './endpoints.js';

describe('endpoints of a third-party component', () => {
  it.each([
    ['', [], []],
    ['["10.0.0.5:3306","10.0.0.6:3306"]', ['10.0.0.5:3306', '10.0.0.6:3306'], []],
    ['["10.0.0.5"]', ['10.0.0.5'], []],
    ['"[\\"10.0.0.5:3306\\"]"', ['10.0.0.5:3306'], []],
    ['10.0.0.5:3306, db.example.org', ['10.0.0.5:3306', 'db.example.org'], []],
    ['https://api.example.org:8443/', ['api.example.org:8443'], []],
    ['[fd00::5]:3306', ['fd00::5:3306'], []],
    ['["fd00::5"]', ['fd00::5'], []],
    [
      '["10.0.0.999:1","10.0.0.5:0","10.0.0.5:99999","a b"]',
      [],
      ['10.0.0.999:1', '10.0.0.5:0', '10.0.0.5:99999', 'a b'],
    ],
    ['{"serviceName":"db","namespace":"prod"}', [], ['{"serviceName":"db","namespace":"prod"}']],
    ['["http://h/with/path", 7]', [], ['http://h/with/path', '7']],
    ['["unfinished', [], ['["unfinished']],
  ])('%s: usable %j, not %j', (text, usable, unusable) => {
    const read = readEndpoints(text);
    expect(read.usable.map(({ host, port }) => (port === undefined ? host : `${host}:${port}`))).toEqual(usable);
    expect(read.unusable).toEqual(unusable);
  });
});
