import type { Readable } from 'node:stream';

/** What a pull brings. */
export type Pull<T> =
  { readonly kind: 'item'; readonly item: T } | { readonly kind: 'end' } | { readonly kind: 'late' };

/** What the client streams, pulled one by one. */
export interface Pulled<T> {
  /**
   * The next item; `end` when there are no more, `late` when none came within the time. Only what is asked for is waited for, so a slow
   * consumer slows down the server.
   * @throws what the stream failed with, once everything before it was taken
   */
  next(milliseconds: number): Promise<Pull<T>>;
  /** Ends the call at the server and drops what was not taken. */
  stop(): void;
}

/**
 * Takes over a stream of the client, at once after it was made. Its own iteration ends neither the call nor the stream, and a second
 * `error` without a listener ends the process; so the listener stays.
 */
export function pulled<T>(
  stream: Readable,
  cancel: () => Promise<void>,
  ...signals: readonly AbortSignal[]
): Pulled<T> {
  let failure: { readonly error: unknown } | undefined;
  let ended = false;
  let wake: (() => void) | undefined;
  const woken = () => wake?.();
  let source: Readable | undefined;
  let stopped = false;
  // The call itself is out of reach but here. Nobody reads on once this is left, and then it would stay in the client's list for ever.
  stream.on('pipe', (from: Readable) => {
    source = from;
    if (stopped) drained(from);
  });
  stream.on('error', (error) => {
    failure ??= { error };
    woken();
  });
  stream.on('end', () => {
    ended = true;
    woken();
  });
  stream.on('close', () => {
    ended = true;
    woken();
  });
  stream.on('readable', woken);
  for (const signal of signals) signal.addEventListener('abort', woken);
  const isAborted = () => signals.some(({ aborted }) => aborted);

  const news = (milliseconds: number): Promise<'news' | 'late'> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        wake = undefined;
        resolve('late');
      }, milliseconds);
      wake = () => {
        wake = undefined;
        clearTimeout(timer);
        resolve('news');
      };
    });

  return {
    async next(milliseconds) {
      for (;;) {
        if (isAborted()) return { kind: 'end' };
        const item = stream.read() as T | null;
        if (item !== null) return { kind: 'item', item };
        if (failure !== undefined) throw failure.error;
        if (ended) return { kind: 'end' };
        if ((await news(milliseconds)) === 'late') return { kind: 'late' };
      }
    },
    stop() {
      for (const signal of signals) signal.removeEventListener('abort', woken);
      // It fails when the call never began, which has been told already.
      cancel().catch(() => undefined);
      stopped = true;
      if (source !== undefined) drained(source);
      stream.destroy();
    },
  };
}

function drained(source: Readable): void {
  source.unpipe();
  source.resume();
}
