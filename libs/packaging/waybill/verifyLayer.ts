import { createHash } from 'node:crypto';
import { digestFrom, hasCode, type Digest } from '@waybill/kernel';
import { PIECE, type PackageBytes } from '../file/packageBytes.js';
import type { ClaimedLayer } from './claimedLayers.js';
import { inflatedMembers, isOfOtherShape } from './inflatedMembers.js';
import { damaged, unlisted } from './refusals.js';

/** How `verifyLayer` works, and tells of it. */
export interface Verifying {
  /** Pieces of a layer that are uncompressed at a time, where its shape allows. */
  readonly ahead: number;
  /** Bytes of the package that were read. */
  readonly onBytes?: (count: number) => void;
}

/**
 * Reads a layer where it lies in the package, and compares it with what the package says of it, as it is there and unpacked. Nothing is kept.
 * @throws WaybillError `package-damaged`, `package-truncated`; `package-entry-refused` for one that is sound, but none that an image has
 */
export async function verifyLayer(
  bytes: PackageBytes,
  layer: ClaimedLayer,
  { ahead, onBytes = () => undefined }: Verifying = { ahead: 1 },
): Promise<void> {
  const { file, diffId, size, storedDigest } = layer;
  const inPieces = (onPacked: (piece: Uint8Array) => void) => inflatedMembers(bytes, file, { ahead, onPacked });
  let found: Found;
  try {
    found = await measured(inPieces, layer, onBytes);
  } catch (error) {
    if (!isOfOtherShape(error)) throw error;
    // Threads are to be at work soon, and layers that Waybill wrote need no more.
    const { gunzip } = await import('@waybill/content-store');
    const inARow = (onPacked: (piece: Uint8Array) => void) => gunzip(packed(bytes, layer, onPacked));
    found = await measured(inARow, layer, () => undefined).catch((cause: unknown) => {
      if (hasCode(cause, 'package-damaged') || hasCode(cause, 'package-truncated'))
        throw damaged(bytes.name, file.name, cause);
      throw cause;
    });
  }
  if (found.size > size || found.came !== storedDigest) throw damaged(bytes.name, file.name);
  if (found.size !== size || found.plain !== diffId) throw unlisted(file.name);
}

interface Found {
  /** Uncompressed bytes; more than there should be: it was not read further. */
  readonly size: number;
  readonly came: Digest;
  readonly plain: Digest;
}

async function measured(
  unpacked: (onPacked: (piece: Uint8Array) => void) => AsyncIterable<Uint8Array>,
  layer: ClaimedLayer,
  onBytes: (count: number) => void,
): Promise<Found> {
  const came = createHash('sha256');
  const plain = createHash('sha256');
  let size = 0;
  const chunks = unpacked((piece) => {
    came.update(piece);
    onBytes(piece.length);
  });
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > layer.size) break;
    plain.update(chunk);
  }
  return { size, came: digestFrom(came), plain: digestFrom(plain) };
}

/** All pieces are read into one place: each is used up before the next is asked for. */
async function* packed(bytes: PackageBytes, { file }: ClaimedLayer, onPacked: (piece: Uint8Array) => void) {
  const place = Buffer.allocUnsafe(Math.min(PIECE, file.size));
  for (let done = 0; done < file.size;) {
    const piece = place.subarray(0, Math.min(place.length, file.size - done));
    if ((await bytes.readInto(piece, file.at + done)) < piece.length) throw damaged(bytes.name, file.name);
    done += piece.length;
    onPacked(piece);
    yield piece;
  }
}
