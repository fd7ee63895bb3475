import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hasCode } from '@waybill/kernel';
import { gunzip } from './gunzip.js';

const text = Buffer.from('the quick brown fox '.repeat(40));
const member = gzipSync(text);

async function* pieces(bytes: Uint8Array, ...cuts: readonly number[]) {
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    yield await Promise.resolve(bytes.subarray(from, cut));
    from = cut;
  }
}

async function plain(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of gunzip(source)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const codeOf = async (source: AsyncIterable<Uint8Array>) => {
  try {
    await plain(source);
    return 'read';
  } catch (error) {
    return hasCode(error, 'package-truncated') || hasCode(error, 'package-damaged') ? error.code : error;
  }
};

describe('gunzip', () => {
  it('reads members that follow each other, wherever the pieces are cut', async () => {
    const two = Buffer.concat([member, member]);
    for (let cut = 0; cut <= two.length; cut++)
      expect(await plain(pieces(two, cut))).toBe(text.toString() + text.toString());
  });

  it('tells every truncation', async () => {
    for (let length = 0; length < member.length; length++)
      expect([length, await codeOf(pieces(member.subarray(0, length)))]).toEqual([length, 'package-truncated']);
  });

  it('refuses anything after the end, zeros too, wherever the pieces are cut', async () => {
    for (const tail of ['\0\0\0\0', '\0x', 'garbage'])
      for (const cut of [3, member.length, member.length + 1])
        expect(await codeOf(pieces(Buffer.concat([member, Buffer.from(tail)]), cut))).toBe('package-damaged');
  });

  it('never yields other content for a flipped bit', async () => {
    // A flip may hit a code that is not used; the content is the same then.
    for (let at = 10; at < member.length; at++) {
      const flipped = Uint8Array.from(member);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      const code = await codeOf(pieces(flipped));
      if (code === 'read') expect(await plain(pieces(flipped))).toBe(text.toString());
      else expect(code).toMatch(/^package-(damaged|truncated)$/);
    }
  });

  it('hands on what the source throws, and closes it when the reader stops early', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield await Promise.resolve(gzipSync(Buffer.alloc(1_000_000)));
      } finally {
        closed = true;
      }
    }
    for await (const chunk of gunzip(endless())) if (chunk.length > 0) break;
    expect(closed).toBe(true);

    const failure = new Error('the disk was pulled out');
    async function* failing() {
      yield await Promise.resolve(member.subarray(0, 20));
      throw failure;
    }
    expect(await codeOf(failing())).toBe(failure);
  });
});
