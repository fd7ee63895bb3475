import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

// The bare loop that `waybill inspect --verify` is held against: gunzip and sha256 of every layer in a package of the waybill format, one after the other.
const path = process.argv[2];
const began = performance.now();
const file = await open(path);
const BLOCK = 512;
const chunkSize = 256 * 1024;
for (let at = 0; ;) {
  const { buffer } = await file.read(Buffer.alloc(BLOCK), 0, BLOCK, at);
  const name = buffer.subarray(0, 100).toString('latin1').replace(/\0.*$/s, '');
  if (name === '') break;
  const size = Number.parseInt(buffer.subarray(124, 135).toString('latin1'), 8);
  const start = at + BLOCK;
  const { buffer: first } = await file.read(Buffer.alloc(2), 0, 2, start);
  if (first.readUInt16BE() === 0x1f8b)
    await pipeline(
      createReadStream(path, { start, end: start + size - 1, highWaterMark: chunkSize }),
      createGunzip({ chunkSize }),
      createHash('sha256'),
    );
  at = start + Math.ceil(size / BLOCK) * BLOCK;
}
await file.close();
console.log(JSON.stringify({ seconds: (performance.now() - began) / 1_000 }));
