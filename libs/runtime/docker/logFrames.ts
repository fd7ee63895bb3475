/**
 * The engine sends both outputs of a container in one stream of frames: a byte for the output, three zeros, a 32-bit length, the payload.
 * Gives the payloads, in order.
 */
export async function* payloads(source: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const piece of source) {
    held = Buffer.concat([held, piece as Buffer]);
    while (held.length >= HEADER) {
      const end = HEADER + held.readUInt32BE(4);
      if (held.length < end) break;
      yield held.subarray(HEADER, end);
      held = held.subarray(end);
    }
  }
}

const HEADER = 8;

/** The last bytes of it as text, from the beginning of a line on when something was left out. */
export async function lastOf(pieces: AsyncIterable<Buffer>, bytes: number): Promise<string> {
  let tail: Buffer = Buffer.alloc(0);
  let isCut = false;
  for await (const piece of pieces) {
    tail = Buffer.concat([tail, piece]);
    if (tail.length > bytes) {
      tail = tail.subarray(tail.length - bytes);
      isCut = true;
    }
  }
  const firstLineEnd = tail.indexOf(0x0a);
  const whole = isCut && firstLineEnd !== -1 && firstLineEnd < tail.length - 1 ? tail.subarray(firstLineEnd + 1) : tail;
  return whole.toString('utf8');
}
