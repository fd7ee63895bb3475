import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from 'express';
import type { ProgressNews } from '@waybill/kernel';
import type { OperationDto } from './dto/operation.dto.js';
import { eventId, markAfter, markIn, neverBack, type Mark } from './neverBack.js';
import { hasEnded } from './operations.js';

/** Milliseconds between two looks when nobody reports: another server may be at work. Also keeps proxies from closing the stream. */
const LOOK = 2_000;
/** Reports come with every chunk of a file; callers get a few a second. That an operation is at rest is told at once. */
const PACE = 200;
/** Milliseconds after which a listener that lost the stream is asked to come back. */
const RETRY = 1_000;

export interface Streamed {
  view(): Promise<OperationDto>;
  /** Calls back whenever there may be news; the returned function ends it. */
  watch(listener: (news: ProgressNews) => void): () => void;
  /** What the listener has seen. */
  readonly lastEventId: string | undefined;
  /** Aborts when the server stops. */
  readonly stopping: AbortSignal;
}

/** Sends the operation whenever it has changed, until it has ended, waits for a person, or nobody listens any more. */
export async function streamOperation(operation: Streamed, response: Response): Promise<void> {
  // What is not there is answered as a problem, before the stream begins.
  let mark = markIn(operation.lastEventId);
  let view = forward(await operation.view(), mark);
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
  const heard = newsOf(operation, gone);
  try {
    for (;;) {
      mark = view.progress === undefined ? mark : markAfter(view.progress, mark);
      const id = eventId(view, mark);
      response.write(
        id === sent ? ': still there\n\n' : `id: ${id}\nevent: operation\ndata: ${JSON.stringify(view)}\n\n`,
      );
      sent = id;
      if (rests(view) || gone.aborted) break;
      await heard.within(LOOK, ['report', 'rest']);
      await heard.within(PACE, ['rest']);
      heard.forget();
      view = forward(await operation.view(), mark);
    }
  } finally {
    heard.stop();
    response.end();
  }
}

/** The news of an operation since they were last forgotten, so that none is missed while something else is waited for. */
function newsOf(operation: Pick<Streamed, 'watch'>, gone: AbortSignal) {
  const since = new Set<ProgressNews>();
  let wake: () => void = () => undefined;
  const stop = operation.watch((news) => {
    since.add(news);
    wake();
  });
  return {
    stop,
    forget: () => since.clear(),
    /** Resolves at the first of these news, after so many milliseconds in any case. */
    async within(milliseconds: number, wanted: readonly ProgressNews[]): Promise<void> {
      const come = new AbortController();
      wake = () => {
        if (wanted.some((news) => since.has(news))) come.abort();
      };
      wake();
      const signal = AbortSignal.any([gone, come.signal]);
      await delay(milliseconds, undefined, { signal }).catch(() => undefined);
    },
  };
}

/** Never less than was told before. What rests has nothing left to tell of, though the last report may still be there. */
const forward = ({ progress, ...view }: OperationDto, mark: Mark): OperationDto =>
  progress === undefined || rests(view) ? view : { ...view, progress: neverBack(progress, mark) };

const rests = (view: OperationDto): boolean => hasEnded(view) || view.state === 'waiting';
