import type { ContentStore, StoredLayer } from '@waybill/content-store';
import { fileHead, folderHead, padding, TAR_END } from './tarBlocks.js';

/** A run of a file that is being put together: bytes at hand, or a layer to be copied as it lies in the content store. */
export type Piece = Uint8Array | StoredLayer;

/** What a tar archive is to hold; a list as content is an archive within the archive. */
export interface TarMember {
  readonly name: string;
  readonly content: Piece | readonly TarMember[] | 'folder';
  /** Unix mode bits; 0644 where absent. */
  readonly mode?: number;
}

/** A package that is to be written by `gzipBytes`. */
export interface GzippedPackage {
  /** `<name>-<version>-<format>.tar.gz` */
  readonly fileName: string;
  /** Of the uncompressed tar. */
  readonly pieces: readonly Piece[];
}

/** Where layers are copied from. */
export type Layers = Pick<ContentStore, 'readStoredLayer'>;

export const isLayer = (piece: Piece): piece is StoredLayer => !(piece instanceof Uint8Array);

/** An archive in pieces. `bytesOf` says what a layer counts for in it: stored bytes where it is copied as it lies, its own where the whole is compressed. */
export function tarPieces(
  members: readonly TarMember[],
  bytesOf: (layer: StoredLayer) => number,
): { readonly pieces: readonly Piece[]; readonly size: number } {
  const pieces: Piece[] = [];
  let size = 0;
  const add = (piece: Piece) => {
    pieces.push(piece);
    size += isLayer(piece) ? bytesOf(piece) : piece.length;
  };
  for (const { name, content, mode } of members) {
    if (content === 'folder') {
      add(folderHead(name));
      continue;
    }
    const nested = isList(content)
      ? tarPieces(content, bytesOf)
      : { pieces: [content], size: isLayer(content) ? bytesOf(content) : content.length };
    add(fileHead(name, nested.size, mode));
    for (const piece of nested.pieces) add(piece);
    add(padding(nested.size));
  }
  add(TAR_END);
  return { pieces: joined(pieces), size };
}

const isList = (content: TarMember['content']): content is readonly TarMember[] => Array.isArray(content);

/** Bytes that follow each other as one run: each would cost a gzip member of its own. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const runs: Piece[] = [];
  let held: Uint8Array[] = [];
  const flush = () => {
    if (held.some(({ length }) => length > 0)) runs.push(Buffer.concat(held));
    held = [];
  };
  for (const piece of pieces) {
    if (!isLayer(piece)) held.push(piece);
    else {
      flush();
      runs.push(piece);
    }
  }
  flush();
  return runs;
}

/** The pieces one after the other, layers in the encoding in which they are stored. */
export async function* plainBytes(
  pieces: readonly Piece[],
  layers: Layers,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const piece of pieces)
    if (isLayer(piece)) yield* (await layers.readStoredLayer(piece.diffId)) as AsyncIterable<Uint8Array>;
    else yield piece;
}
