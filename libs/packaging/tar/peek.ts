/**
 * The first bytes of a stream (fewer than asked for only when it has no more), and the whole of it, from the first byte on.
 * Whoever does not read `whole` to its end calls its `return`.
 */
export async function peek(
  stream: AsyncIterable<Uint8Array>,
  count: number,
): Promise<{ readonly first: Uint8Array; readonly whole: Required<AsyncIterableIterator<Uint8Array>> }> {
  const iterator = stream[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array(0);
  while (first.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  let held: Uint8Array | undefined = first;
  const whole: Required<AsyncIterableIterator<Uint8Array>> = {
    async next() {
      const value = held;
      held = undefined;
      return value === undefined || value.length === 0 ? iterator.next() : { done: false, value };
    },
    // A generator that was never started would not close what it reads from; this does.
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await iterator.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => whole,
  };
  return { first: first.subarray(0, count), whole };
}
