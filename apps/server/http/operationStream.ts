import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'express';
import { hasEnded, type OperationSource } from './operations.js';

/** Milliseconds between two looks when nobody reports: another server may be at work. Also keeps proxies from closing the stream. */
const LOOK = 2_000;
/** Reports come with every chunk of a file; callers get a few a second. */
const PACE = 200;

/** Sends the operation whenever it has changed, until it has ended, waits for a person, or nobody listens any more. */
export async function streamOperation(
  source: OperationSource,
  operation: string,
  subject: string,
  response: Response,
  stopping: AbortSignal,
): Promise<void> {
  // What is not there is answered as a problem, before the stream begins.
  let view = await source.view(subject);
  const left = new AbortController();
  response.once('close', () => left.abort());
  const gone = AbortSignal.any([left.signal, stopping]);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  let wake = () => undefined as unknown;
  const stop = source.watch(operation, () => wake());
  try {
    let sent = '';
    for (;;) {
      const text = JSON.stringify(view);
      response.write(text === sent ? ': still there\n\n' : `event: operation\ndata: ${text}\n\n`);
      sent = text;
      if (hasEnded(view) || view.state === 'waiting' || gone.aborted) break;
      const news = new AbortController();
      const woken = new Promise<unknown>((resolve) => (wake = () => resolve(undefined)));
      const signal = AbortSignal.any([gone, news.signal]);
      await Promise.race([woken, delay(LOOK, undefined, { signal }).catch(() => undefined)]);
      news.abort();
      await delay(PACE, undefined, { signal: gone }).catch(() => undefined);
      view = await source.view(subject);
    }
  } finally {
    stop();
    response.end();
  }
}
