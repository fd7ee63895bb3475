/** The content of an entry of so many bytes, of which whoever asks knows that they may be held in memory. */
export async function inOnePiece(source: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const whole = Buffer.allocUnsafe(size);
  let done = 0;
  for await (const piece of source) {
    whole.set(piece, done);
    done += piece.length;
  }
  return whole.subarray(0, done);
}
