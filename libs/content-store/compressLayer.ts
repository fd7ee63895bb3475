import { randomUUID } from 'node:crypto';
import { rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { WaybillError, withFailpoints } from '@waybill/kernel';
import { layerFileName } from './area.js';
import type { StoredLayer } from './contentStore.js';
import { syncDirectory, writeAll, writeFileDurably } from './durable.js';
import { hashedLayer, type HashedLayer } from './hashing.js';

/**
 * Puts a gzip file in the place of a raw one. Two who do it at once write the same bytes; a crash leaves a file in the scratch folder, or both files,
 * of which the gzip one counts.
 */
export async function compressLayer(
  raw: StoredLayer,
  bytes: Readable,
  { scratch, directory }: { readonly scratch: string; readonly directory: string },
): Promise<StoredLayer> {
  const temporary = join(scratch, randomUUID());
  const write = (file: FileHandle) => hashedLayer(bytes, { compress: true, each: (chunk) => writeAll(file, chunk) });
  const isSound = ({ diffId }: HashedLayer) => Promise.resolve(diffId === raw.diffId);
  const { written: made, kept } = await writeFileDurably(temporary, write, isSound);
  if (!kept) throw new WaybillError('blob-damaged', { digest: raw.diffId });
  const layer: StoredLayer = {
    diffId: raw.diffId,
    size: made.size,
    encoding: made.encoding,
    storedSize: made.stored.size,
    storedDigest: made.stored.digest,
  };
  await withFailpoints('rename a compressed layer', () => rename(temporary, join(directory, layerFileName(layer))));
  await syncDirectory(directory);
  await withFailpoints('remove a raw layer', () => rm(join(directory, layerFileName(raw)), { force: true }));
  return layer;
}
