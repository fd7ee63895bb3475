import { createHash } from 'node:crypto';
import { digestFrom, WaybillError, type Digest } from '@waybill/kernel';
import type { LayerOptions } from './contentStore.js';
import { gunzip } from './gunzip.js';
import { gzipMembers } from './gzipMembers.js';

export interface Hashed {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What gzip may add to bytes that cannot be compressed. */
const GZIP_OVERHEAD = 1024 ** 2;

/** Reads all of it, hashing. @throws WaybillError `package-limit-exceeded` */
export async function hashed(
  source: AsyncIterable<Uint8Array>,
  options: { readonly maxBytes?: number; readonly each?: (chunk: Uint8Array) => Promise<void> } = {},
): Promise<Hashed> {
  const { maxBytes = Infinity, each } = options;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) throw exceeded(maxBytes);
    const taken = each?.(chunk);
    hash.update(chunk);
    await taken;
  }
  return { digest: digestFrom(hash), size };
}

export interface HashedLayer {
  readonly diffId: Digest;
  readonly size: number;
  readonly encoding: 'raw' | 'gzip';
  /** Of the bytes to be kept. */
  readonly stored: Hashed;
  /** Digest of the bytes as they came. */
  readonly came: Digest;
}

/** Reads a layer once, hashing the bytes to be kept (which `each` gets) and, where those are gzip, the uncompressed bytes as well. */
export async function hashedLayer(
  source: AsyncIterable<Uint8Array>,
  options: LayerOptions & { readonly each: (chunk: Uint8Array) => Promise<void> },
): Promise<HashedLayer> {
  const { encoding, bytes } = await sniffed(source);
  if (encoding === 'raw') return options.compress === true ? compressed(bytes, options) : raw(bytes, options);
  const { maxBytes = Infinity, each } = options;
  const hash = createHash('sha256');
  let size = 0;
  async function* passing() {
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
      // Gzip members may hold nothing, so the limit on what comes out does not bound what goes in.
      if (size > maxBytes + GZIP_OVERHEAD) throw exceeded(maxBytes);
      await each(chunk);
      yield chunk;
    }
  }
  const plain = await hashed(gunzip(passing()), { maxBytes });
  const came = digestFrom(hash);
  return { diffId: plain.digest, size: plain.size, encoding, stored: { digest: came, size }, came };
}

async function raw(
  bytes: AsyncIterable<Uint8Array>,
  options: { readonly maxBytes?: number; readonly each: (chunk: Uint8Array) => Promise<void> },
): Promise<HashedLayer> {
  const stored = await hashed(bytes, options);
  return { diffId: stored.digest, size: stored.size, encoding: 'raw', stored, came: stored.digest };
}

async function compressed(
  bytes: AsyncIterable<Uint8Array>,
  { maxBytes = Infinity, each }: LayerOptions & { readonly each: (chunk: Uint8Array) => Promise<void> },
): Promise<HashedLayer> {
  const hash = createHash('sha256');
  let size = 0;
  async function* passing() {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > maxBytes) throw exceeded(maxBytes);
      hash.update(chunk);
      yield chunk;
    }
  }
  const stored = await hashed(gzipMembers(passing()), { each });
  const diffId = digestFrom(hash);
  return { diffId, size, encoding: 'gzip', stored, came: diffId };
}

async function sniffed(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly encoding: 'raw' | 'gzip'; readonly bytes: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let count = 0;
  while (count < 2) {
    const next = await iterator.next();
    if (next.done === true) break;
    held.push(next.value);
    count += next.value.length;
  }
  const first = Buffer.concat(held);
  async function* bytes() {
    try {
      yield first;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { encoding: first[0] === 0x1f && first[1] === 0x8b ? 'gzip' : 'raw', bytes: bytes() };
}

const exceeded = (limit: number) =>
  new WaybillError('package-limit-exceeded', {
    what: 'The size of the content in bytes',
    limit,
    entry: 'it was not read further',
  });
