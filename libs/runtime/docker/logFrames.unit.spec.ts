import { expect, test } from 'vitest';
import { lastOf, payloads } from './logFrames.js';

const frame = (output: 1 | 2, text: string): Buffer => {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(output, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
};

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const log = Buffer.concat([frame(1, 'one\n'), frame(2, 'zwölf\n'), frame(1, ''), frame(1, 'three\n')]);

test.each([1, 3, 8, 1000])('both outputs are read in order, however the stream is cut (%i bytes)', async (size) => {
  expect(await lastOf(payloads(inPieces(log, size)), 1000)).toBe('one\nzwölf\nthree\n');
});

test('what is too long keeps its last whole lines', async () => {
  expect(await lastOf(payloads(inPieces(log, 1000)), 10)).toBe('three\n');
  expect(await lastOf(payloads(inPieces(frame(1, 'x'.repeat(50)), 1000)), 10)).toBe('x'.repeat(10));
});

test('an empty log is empty', async () => {
  expect(await lastOf(payloads(inPieces(Buffer.alloc(0), 1)), 10)).toBe('');
});
