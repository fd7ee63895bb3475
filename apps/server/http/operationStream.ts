import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'express';
import type { OperationDto } from './dto/operation.dto.js';
import { eventId, markAfter, markIn, neverBack, type Mark } from './neverBack.js';
import { hasEnded } from './operations.js';

/** Milliseconds between two looks when nobody reports: another server may be at work. Also keeps proxies from closing the stream. */
const LOOK = 2_000;
/** Reports come with every chunk of a file; callers get a few a second. */
const PACE = 200;
/** Milliseconds after which a listener that lost the stream is asked to come back. */
const RETRY = 1_000;

export interface Streamed {
  view(): Promise<OperationDto>;
  /** Calls back whenever there may be news; the returned function ends it. */
  watch(listener: () => void): () => void;
  /** What the listener has seen. */
  readonly lastEventId: string | undefined;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
}

/** Sends the operation whenever it has changed, until it has ended, waits for a person, or nobody listens any more. */
export async function streamOperation(operation: Streamed, response: Response): Promise<void> {
  // What is not there is answered as a problem, before the stream begins.
  let view = await operation.view();
  let mark = markIn(operation.lastEventId);
  let sent = operation.lastEventId;
  // Who has seen the end and comes back, as browsers do by themselves, is told to stay away.
  if (rests(view) && eventId(view, mark) === sent) {
    response.writeHead(204).end();
    return;
  }
  const left = new AbortController();
  response.once('close', () => left.abort());
  const gone = AbortSignal.any([left.signal, operation.stopping]);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.write(`retry: ${RETRY}\n\n`);
  let wake = () => undefined as unknown;
  const stop = operation.watch(() => wake());
  try {
    for (;;) {
      view = forward(view, mark);
      mark = view.progress === undefined ? mark : markAfter(view.progress, mark);
      const id = eventId(view, mark);
      response.write(
        id === sent ? ': still there\n\n' : `id: ${id}\nevent: operation\ndata: ${JSON.stringify(view)}\n\n`,
      );
      sent = id;
      if (rests(view) || gone.aborted) break;
      const news = new AbortController();
      const woken = new Promise<unknown>((resolve) => (wake = () => resolve(undefined)));
      const signal = AbortSignal.any([gone, news.signal]);
      await Promise.race([woken, delay(LOOK, undefined, { signal }).catch(() => undefined)]);
      news.abort();
      await delay(PACE, undefined, { signal: gone }).catch(() => undefined);
      view = await operation.view();
    }
  } finally {
    stop();
    response.end();
  }
}

const forward = ({ progress, ...view }: OperationDto, mark: Mark): OperationDto =>
  progress === undefined ? view : { ...view, progress: neverBack(progress, mark) };

const rests = (view: OperationDto): boolean => hasEnded(view) || view.state === 'waiting';
