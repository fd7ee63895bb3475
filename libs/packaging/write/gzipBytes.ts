import { gzipMembers } from '@waybill/content-store';
import { isLayer, type Layers, type Piece } from './pieces.js';

/**
 * The pieces as one gzip file, put together from the members that layers are stored in: nothing is compressed a second time.
 * Layers must have been compressed before.
 * @throws WaybillError `blob-missing`
 */
export async function* gzipBytes(
  pieces: readonly Piece[],
  layers: Layers,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of pieces) {
    if (!isLayer(piece)) {
      yield* gzipMembers(one(piece));
      continue;
    }
    if (piece.encoding !== 'gzip') throw new Error(`the layer ${piece.diffId} is not compressed`);
    yield* (await layers.readStoredLayer(piece.diffId)) as AsyncIterable<Uint8Array>;
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- what compresses takes what may come slowly
async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
