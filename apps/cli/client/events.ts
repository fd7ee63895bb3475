import { WaybillError } from '@waybill/kernel';
import { networkReason } from './networkFailure.js';
import { problemFrom, serverProblem } from './serverProblem.js';

/** One of the server's events. */
export interface ServerEvent {
  readonly id?: string;
  readonly data: string;
}

export interface EventsRequest {
  /** Without its path, for messages. */
  readonly server: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Go on after this one. */
  readonly lastEventId?: string | undefined;
  readonly signal: AbortSignal;
}

/** Milliseconds without a sign of life after which a connection counts as lost: the server gives one every two seconds. */
const SILENCE = 15_000;

/**
 * The server's events (text/event-stream) until it ends the stream.
 * @throws WaybillError `server-unreachable`; the server's problem
 */
export async function* serverEvents(
  fetch: typeof globalThis.fetch,
  { server, url, headers, lastEventId, signal }: EventsRequest,
): AsyncGenerator<ServerEvent, void, undefined> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error('nothing was heard of it for a while')), SILENCE);
  try {
    const response = await fetch(url, {
      headers: {
        ...headers,
        Accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId }),
      },
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok) throw serverProblem(problemFrom(response.status, await response.text()));
    let rest = '';
    for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      timer.refresh();
      const blocks = (rest + piece).split('\n\n');
      rest = blocks.pop() ?? '';
      yield* blocks.flatMap(eventIn);
    }
  } catch (error) {
    if (error instanceof Error && error.name === 'ServerProblem') throw error;
    throw new WaybillError('server-unreachable', { url: server, reason: networkReason(error) }, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing for comments and for what only sets the pace of coming back. */
function eventIn(block: string): readonly ServerEvent[] {
  const fields = block.split('\n').map((line) => /^(id|data): ?(.*)$/.exec(line) ?? []);
  const data = fields.filter(([, name]) => name === 'data').map(([, , value]) => value ?? '');
  const id = fields.find(([, name]) => name === 'id')?.[2];
  return data.length === 0 ? [] : [{ data: data.join('\n'), ...(id === undefined ? {} : { id }) }];
}
