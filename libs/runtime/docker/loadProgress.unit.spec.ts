import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { failureIn, loadFailure } from './loadProgress.js';

test('a failure is found wherever it stands in the answer', async () => {
  const answer = '{"stream":"Loading"}\r\n{"errorDetail":{"message":"bad"},"error":"bad"}\r\n{"stream":"x"}\n';
  let signs = 0;
  const pieces = Readable.from([Buffer.from(answer.slice(0, 30)), Buffer.from(answer.slice(30))]);
  expect(await loadFailure(pieces, () => (signs += 1))).toBe('bad');
  expect(signs).toBe(2);
});

test('an answer without a failure, and a failure without an end of line', async () => {
  expect(await loadFailure(Readable.from([Buffer.from('{"stream":"Loaded"}\n')]), () => undefined)).toBeUndefined();
  expect(await loadFailure(Readable.from([Buffer.from('{"error":"cut"}')]), () => undefined)).toBe('cut');
});

test.each([
  ['', undefined],
  ['not json', undefined],
  ['null', undefined],
  ['{"stream":"Loaded image: x"}', undefined],
  ['{"errorDetail":{"message":"deep"}}', 'deep'],
  ['{"stream":"Error unpacking image x: missing\\n"}', 'Error unpacking image x: missing'],
])('the line %j tells of %j', (line, failure) => {
  expect(failureIn(line)).toBe(failure);
});
