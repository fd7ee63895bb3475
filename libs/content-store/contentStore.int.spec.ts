import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256, type Digest } from '@waybill/kernel';
import { openContentStore, type ContentStore, type Staging } from './index.js';
import { writeAll, writeFileDurably } from './durable.js';

let root: string;
let store: ContentStore;
let staging: Staging;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'content-store-'));
  store = await openContentStore(root);
  staging = await store.stage('import-1');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const layer = Buffer.from('layer content '.repeat(10_000));
const zipped = gzipSync(layer);
const diffId = sha256(layer);
const stream = (bytes: Uint8Array, size = 1000) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
    { objectMode: false },
  );
const code = (value: string): unknown => expect.objectContaining({ code: value }) as unknown;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function files(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('a layer', () => {
  it('is hashed in one pass, as it came and uncompressed, and stored as it came', async () => {
    expect(await staging.putLayer(stream(zipped))).toEqual({
      diffId,
      size: layer.length,
      encoding: 'gzip',
      storedSize: zipped.length,
      storedDigest: sha256(zipped),
      digest: sha256(zipped),
    });
    await staging.commit();
    expect(await buffer(await store.readStoredLayer(diffId))).toEqual(zipped);
    expect(await buffer(await store.readLayer(diffId))).toEqual(layer);
    expect(await all(store.listLayers())).toEqual([
      { diffId, size: layer.length, encoding: 'gzip', storedSize: zipped.length, storedDigest: sha256(zipped) },
    ]);
    expect(await store.verify('layer', diffId)).toBe('sound');
  });

  it('is taken raw, be it empty or of one byte', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('x'), layer]) {
      const staged = await staging.putLayer(stream(bytes));
      expect(staged).toEqual({
        diffId: sha256(bytes),
        size: bytes.length,
        encoding: 'raw',
        storedSize: bytes.length,
        storedDigest: sha256(bytes),
        digest: sha256(bytes),
      });
    }
    await staging.commit();
    expect(await buffer(await store.readLayer(diffId))).toEqual(layer);
  });

  it('is compressed on its way in when asked, to the same bytes however it arrives', async () => {
    const big = Buffer.concat(Array.from({ length: 300 }, (_, index) => Buffer.alloc(11_111, `${String(index)} `)));
    const staged = await staging.putLayer(stream(big, 70_001), { compress: true });
    const again = await (await store.stage('import-2')).putLayer(stream(big, 313), { compress: true });
    expect(again).toEqual(staged);
    expect(staged).toMatchObject({ diffId: sha256(big), size: big.length, encoding: 'gzip', digest: sha256(big) });
    await staging.commit();
    const stored = await buffer(await store.readStoredLayer(staged.diffId));
    expect({ size: stored.length, digest: sha256(stored) }).toEqual({
      size: staged.storedSize,
      digest: staged.storedDigest,
    });
    expect(gunzipSync(stored)).toEqual(big);
  });

  it('is compressed where it lies, under the eyes of a reader', async () => {
    await staging.putLayer(stream(layer));
    await staging.commit();
    const reader = await store.readLayer(diffId);
    const compressed = await staging.compressLayer(diffId);
    expect(compressed).toMatchObject({ diffId, size: layer.length, encoding: 'gzip' });
    expect(await buffer(reader)).toEqual(layer);
    expect(await store.layer(diffId)).toEqual(compressed);
    expect(await staging.compressLayer(diffId)).toEqual(compressed);
    expect(await files(join(root, 'layers'))).toHaveLength(1);
    expect(await store.verify('layer', diffId)).toBe('sound');
  });

  it('that was damaged is not compressed', async () => {
    await staging.putLayer(stream(layer));
    await staging.commit();
    const [file = ''] = await files(join(root, 'layers'));
    await writeFile(file, 'else');
    await expect(staging.compressLayer(diffId)).rejects.toThrow(code('blob-damaged'));
    expect(await files(join(root, 'layers'))).toEqual([file]);
  });

  it('lies there once, whatever encodings it comes in and however many put it at once', async () => {
    const encodings = [zipped, layer, gzipSync(layer, { level: 1 }), layer, zipped];
    await Promise.all(encodings.map((bytes) => staging.putLayer(stream(bytes))));
    const other = await store.stage('import-2');
    await other.putLayer(stream(layer));
    expect(await staging.layers()).toHaveLength(1);
    await Promise.all([staging.commit(), other.commit()]);
    expect(await all(store.listLayers())).toHaveLength(1);
    await staging.putLayer(stream(zipped));
    expect(await staging.layers()).toHaveLength(1);
    expect(await staging.hasLayer(diffId)).toBe(true);
    await other.discard();
    await staging.discard();
    expect(await files(root)).toHaveLength(1);
  });

  it('that is cut short, damaged, followed by garbage or too large leaves nothing behind', async () => {
    const flipped = Buffer.from(zipped);
    flipped[flipped.length - 5] = (flipped[flipped.length - 5] ?? 0) ^ 1;
    const emptyMembers = Buffer.concat(Array.from({ length: 80_000 }, () => gzipSync('')));
    const cases: [Buffer, string][] = [
      [zipped.subarray(0, -1), 'package-truncated'],
      [flipped, 'package-damaged'],
      [Buffer.concat([zipped, Buffer.from('tail')]), 'package-damaged'],
      [Buffer.concat([zipped, Buffer.alloc(512)]), 'package-damaged'],
      [gzipSync(Buffer.alloc(2_000_000)), 'package-limit-exceeded'],
      [emptyMembers, 'package-limit-exceeded'],
      [Buffer.alloc(200_001), 'package-limit-exceeded'],
    ];
    for (const [bytes, expected] of cases)
      await expect(staging.putLayer(stream(bytes, 64 * 1024), { maxBytes: 200_000 })).rejects.toEqual(code(expected));
    expect(await files(root)).toEqual([]);
  });
});

describe('a blob', () => {
  it('is found after the commit, and not before', async () => {
    const digest = sha256('{}');
    expect(await staging.putBlob(Buffer.from('{}'), { expected: digest })).toEqual({ digest, size: 2 });
    expect([await staging.hasBlob(digest), await store.hasBlob(digest)]).toEqual([true, false]);
    await expect(store.readBlob(digest)).rejects.toEqual(code('blob-missing'));
    expect((await buffer(await staging.readBlob(digest))).toString()).toBe('{}');
    await staging.commit();
    expect((await buffer(await store.readBlob(digest))).toString()).toBe('{}');
    expect(await all(store.listBlobs())).toEqual([{ digest, size: 2 }]);
  });

  it('that is not what was announced, or too large, leaves nothing behind', async () => {
    await expect(staging.putBlob(stream(layer), { expected: sha256('x') })).rejects.toEqual(code('blob-mismatch'));
    await expect(staging.putBlob(stream(layer), { maxBytes: 10 })).rejects.toEqual(code('package-limit-exceeded'));
    const failing = Readable.from(
      (function* () {
        yield Buffer.from('half');
        throw new Error('the upload broke off');
      })(),
    );
    await expect(staging.putBlob(failing)).rejects.toThrow('the upload broke off');
    expect(await files(root)).toEqual([]);
  });
});

describe('a staging area', () => {
  it('survives a restart, and is committed and discarded as often as one likes', async () => {
    const { digest } = await staging.putBlob(Buffer.from('kept'));
    const left = await staging.putBlob(Buffer.from('left'));
    await staging.putLayer(stream(zipped));
    const restarted = await openContentStore(root);
    expect(await restarted.listStaging()).toEqual(['import-1']);
    const again = await restarted.stage('import-1');
    const only = { layers: [diffId], blobs: [digest] };
    await again.commit(only);
    await again.commit(only);
    await again.discard();
    await again.discard();
    await again.commit(only);
    expect([
      await restarted.hasLayer(diffId),
      await restarted.hasBlob(digest),
      await restarted.hasBlob(left.digest),
    ]).toEqual([true, true, false]);
    expect(await restarted.listStaging()).toEqual([]);
  });

  it('refuses to commit what is nowhere', async () => {
    const missing = { layers: ['sha256:'.padEnd(71, '0') as Digest] };
    await expect(staging.commit(missing)).rejects.toEqual(code('blob-missing'));
  });

  it('has a name that stays within the store', async () => {
    for (const name of ['', '.', '..', '../x', 'a/b', 'a\0', '-x', 'x'.repeat(129), 'ä'])
      await expect(store.stage(name)).rejects.toEqual(code('invalid-name'));
  });
});

describe('verify', () => {
  it('sets damaged content aside, so that the next import heals it', async () => {
    const { digest } = await staging.putBlob(Buffer.from('sound'));
    await staging.putLayer(stream(zipped));
    await staging.commit();
    expect(await store.verify('blob', digest)).toBe('sound');
    for (const path of await files(root)) {
      const bytes = await readFile(path);
      await writeFile(path, Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]));
    }
    expect([await store.verify('blob', digest), await store.verify('layer', diffId)]).toEqual(['damaged', 'damaged']);
    expect([await store.verify('blob', digest), await store.verify('layer', diffId)]).toEqual(['missing', 'missing']);
    expect(await readdir(join(root, 'damaged'))).toHaveLength(2);
    await staging.putLayer(stream(layer));
    await staging.commit();
    expect(await store.verify('layer', diffId)).toBe('sound');
  });
});

it('A full disk is told from other failures', async () => {
  const full = await open('/dev/full', 'w');
  try {
    const write = writeFileDurably(join(root, 'x'), () => writeAll(full, Buffer.from('bytes')));
    await expect(write).rejects.toEqual(code('disk-full'));
  } finally {
    await full.close();
  }
  expect(await files(root)).toEqual([]);
});

describe('content that is collected', () => {
  const item = { kind: 'layer', digest: diffId } as const;
  const blob = { kind: 'blob', digest: sha256('a blob') } as const;
  const both = [item, blob];
  beforeEach(async () => {
    await staging.putLayer(stream(layer));
    await staging.putBlob(Buffer.from('a blob'));
    await staging.commit();
    await staging.discard();
  });
  const held = async () => [await store.hasLayer(diffId), await store.hasBlob(blob.digest)];

  it('is put aside, where nobody finds it, and is brought back or goes; each as often as one likes', async () => {
    for (const one of [...both, ...both]) await store.aside.put(one);
    expect(await held()).toEqual([false, false]);
    expect(await (await openContentStore(root)).aside.list()).toEqual([blob, item]);
    for (const one of [...both, ...both]) await store.aside.bringBack(one);
    expect([await held(), await store.aside.list()]).toEqual([[true, true], []]);
    expect(await store.verify('layer', diffId)).toBe('sound');
    for (const one of both) await store.aside.put(one);
    for (const one of [...both, ...both]) await store.aside.remove(one);
    expect([await held(), await files(root)]).toEqual([[false, false], []]);
  });

  it('is not missed by whoever had staged the same, or held on to it', async () => {
    const one = await store.stage('import-2');
    await one.putLayer(stream(zipped));
    await one.putBlob(Buffer.from('a blob'));
    const other = await store.stage('import-3');
    expect([await other.holdLayer(diffId), await other.holdLayer(sha256('none'))]).toEqual([true, false]);
    for (const gone of both) {
      await store.aside.put(gone);
      await store.aside.remove(gone);
    }
    await other.commit({ layers: [diffId] });
    await one.commit();
    expect(await held()).toEqual([true, true]);
    await store.aside.put(item);
    await other.discard();
    await one.commit();
    expect(await store.verify('layer', diffId)).toBe('sound');
    // What has come into its place stays.
    await store.aside.bringBack(item);
    expect([await held(), await store.aside.list()]).toEqual([[true, true], []]);
  });

  it('is read to its end by whoever had begun', async () => {
    const reading = await store.readStoredLayer(diffId);
    await store.aside.put(item);
    await store.aside.remove(item);
    expect(await buffer(reading)).toEqual(layer);
    await expect(store.readStoredLayer(diffId)).rejects.toEqual(code('blob-missing'));
  });
});
