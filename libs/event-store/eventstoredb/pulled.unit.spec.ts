import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pulled } from './pulled.js';

/** A stream as the client makes them: fed by a call through a pipe, so that errors of the call have to be passed on. */
function fed(items: readonly unknown[], options: { readonly ends: boolean }) {
  const left = [...items];
  const source = new Readable({
    objectMode: true,
    read() {
      const item = left.shift();
      if (item !== undefined) this.push(item);
      else if (options.ends) this.push(null);
    },
  });
  const stream = new PassThrough({ objectMode: true, highWaterMark: 2 });
  // Like the client, which waits for its connection first.
  queueMicrotask(() => source.pipe(stream));
  return { source, stream };
}
const uncalled = () => Promise.resolve();

describe('what the client streams', () => {
  it('is pulled item by item, up to its end', async () => {
    const { stream } = fed([{ n: 1 }, { n: 2 }], { ends: true });
    const items = pulled(stream, uncalled);
    expect(await items.next(1_000)).toStrictEqual({ kind: 'item', item: { n: 1 } });
    expect(await items.next(1_000)).toStrictEqual({ kind: 'item', item: { n: 2 } });
    expect(await items.next(1_000)).toStrictEqual({ kind: 'end' });
  });

  it('is late when nothing comes in time, and goes on when it comes', async () => {
    const stream = new PassThrough({ objectMode: true });
    const items = pulled(stream, uncalled);
    expect(await items.next(5)).toStrictEqual({ kind: 'late' });
    const next = items.next(1_000);
    stream.write({ n: 1 });
    expect(await next).toStrictEqual({ kind: 'item', item: { n: 1 } });
  });

  it('fails with what it failed with, after what came before, and survives further errors', async () => {
    const stream = new PassThrough({ objectMode: true });
    const items = pulled(stream, uncalled);
    stream.write({ n: 1 });
    stream.emit('error', new Error('first'));
    stream.emit('error', new Error('second'));
    expect(await items.next(1_000)).toStrictEqual({ kind: 'item', item: { n: 1 } });
    await expect(items.next(1_000)).rejects.toThrow('first');
    items.stop();
    expect(() => stream.emit('error', new Error('third'))).not.toThrow();
  });

  it('ends at once when a signal aborts', async () => {
    const abort = new AbortController();
    const items = pulled(new PassThrough({ objectMode: true }), uncalled, abort.signal);
    const next = items.next(60_000);
    abort.abort();
    expect(await next).toStrictEqual({ kind: 'end' });
  });

  it('cancels its call when it is left, and takes the rest away so that the call can end', async () => {
    const { source, stream } = fed(
      Array.from({ length: 100 }, (_, n) => ({ n })),
      { ends: true },
    );
    let cancelled = 0;
    const items = pulled(stream, () => {
      cancelled += 1;
      return Promise.reject(new Error('the call never began'));
    });
    await items.next(1_000);
    const ended = once(source, 'end');
    items.stop();
    await ended;
    expect(cancelled).toBe(1);
  });
});
