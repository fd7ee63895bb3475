import { promisify } from 'node:util';
import { gunzip, type InputType, type ZlibOptions } from 'node:zlib';
import type { PackageBytes } from '../file/packageBytes.js';

/** How every member begins that Waybill writes: deflate, no name, no time, Unix. */
const HEAD = Buffer.from('1f8b0800000000000003', 'hex');
/** Uncompressed bytes of a member, at most; a little more than that when they cannot be compressed. */
const MEMBER = 1024 ** 2;
/** Bytes that are read at a time: at least one whole member. */
const WINDOW = 2 * MEMBER;

const inflate = promisify(gunzip) as unknown as (
  bytes: InputType,
  options: ZlibOptions,
) => Promise<{ readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }>;

/** It is gzip data of another shape, or damaged; `gunzip` tells which. */
const otherShape = new Error('not a row of small gzip members');
export const isOfOtherShape = (error: unknown): boolean => error === otherShape;

/**
 * Uncompresses a layer that is a row of small gzip members, as Waybill writes them, several at the same time; they are given in their order.
 * Where one begins is guessed by its first bytes: a wrong guess shows, for then what lies between two of them is no whole member.
 * @param ahead members that are worked on at a time
 * @param onPacked compressed bytes, in their order
 * @throws what `isOfOtherShape` knows
 */
export async function* inflatedMembers(
  bytes: PackageBytes,
  { at, size }: { readonly at: number; readonly size: number },
  { ahead, onPacked }: { readonly ahead: number; readonly onPacked: (bytes: Uint8Array) => void },
): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Promise<Uint8Array>[] = [];
  try {
    for await (const member of members(bytes, at, size)) {
      onPacked(member);
      const inflated = inflatedMember(member);
      // It is waited for in its turn; until then nobody else looks at its failure.
      inflated.catch(() => undefined);
      waiting.push(inflated);
      if (waiting.length >= ahead) yield (await waiting.shift()) ?? HEAD;
    }
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield await next;
  } finally {
    await Promise.allSettled(waiting);
  }
}

async function inflatedMember(member: Uint8Array): Promise<Uint8Array> {
  const options = { info: true, chunkSize: MEMBER + 64, maxOutputLength: MEMBER };
  const { buffer, engine } = await inflate(member, options).catch(() => {
    throw otherShape;
  });
  if (engine.bytesWritten !== member.length) throw otherShape;
  return buffer;
}

async function* members(bytes: PackageBytes, at: number, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let done = 0; done < size;) {
    const window = await bytes.read(at + done, Math.min(WINDOW, size - done));
    if (!window.subarray(0, HEAD.length).equals(HEAD)) throw otherShape;
    let begin = 0;
    for (let next = window.indexOf(HEAD, 1); next !== -1; next = window.indexOf(HEAD, next + 1)) {
      yield window.subarray(begin, next);
      begin = next;
    }
    if (done + window.length === size) {
      yield window.subarray(begin);
      return;
    }
    if (begin === 0) throw otherShape;
    done += begin;
  }
}
