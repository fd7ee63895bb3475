import { hasCode, WaybillError } from '@waybill/kernel';
import type { OperationView } from './api/operation.js';
import { pathTo } from './client/client.js';
import { isServerProblem, serverProblem } from './client/serverProblem.js';
import { ending } from './ending.js';
import type { Told } from './output/progressLine.js';
import type { Session } from './session.js';

/** Milliseconds before the stream is asked for again; the last one repeats. */
const PAUSES = [200, 500, 1_000, 2_000, 5_000];
/** Milliseconds for which a server may be away (restarted, say) before the watching ends. */
const PATIENCE = 60_000;

/**
 * Watches an operation until it has ended or waits for a person, telling how far it is. Ctrl-C ends the watching, never the operation.
 * @throws the last failure when the server stays away; an ending when interrupted
 */
export async function followOperation(session: Session, operation: string): Promise<OperationView> {
  const { surroundings, progress } = session;
  const interrupted = new AbortController();
  const forget = surroundings.onInterrupt(() => interrupted.abort());
  try {
    return await followed(session, operation, interrupted.signal);
  } finally {
    forget();
    progress.end();
  }
}

async function followed(session: Session, operation: string, signal: AbortSignal): Promise<OperationView> {
  const { surroundings, progress } = session;
  const stopWhenInterrupted = () => {
    if (signal.aborted) throw ending(130, howToFollow(operation));
  };
  let lastEventId: string | undefined;
  let lostAt: number | undefined;
  for (let attempt = 0; ; attempt += 1) {
    const watched = await watchOnce(session, operation, lastEventId, signal);
    if ('resting' in watched) return watched.resting;
    stopWhenInterrupted();
    if (watched.lastEventId !== lastEventId) [lostAt, attempt] = [undefined, 0];
    lastEventId = watched.lastEventId;
    lostAt ??= surroundings.now();
    if (surroundings.now() - lostAt > PATIENCE) throw withAdvice(watched.failure, howToFollow(operation));
    progress.show('the connection to the server was lost; trying again');
    await surroundings.pause(PAUSES[Math.min(attempt, PAUSES.length - 1)] ?? 1_000, signal);
    stopWhenInterrupted();
  }
}

/** Why nothing more is heard, and what was heard last. */
interface Lost {
  readonly lastEventId: string | undefined;
  readonly failure: unknown;
}

/** Watches until the operation rests, or the connection is lost. @throws what will not pass */
async function watchOnce(
  { client, progress }: Session,
  operation: string,
  after: string | undefined,
  signal: AbortSignal,
): Promise<Lost | { readonly resting: OperationView }> {
  let lastEventId = after;
  try {
    for await (const event of client.events(pathTo('operations', operation, 'stream'), { lastEventId, signal })) {
      lastEventId = event.id ?? lastEventId;
      const view = JSON.parse(event.data) as OperationView;
      if (view.state !== 'running') return { resting: view };
      progress.show(toldOf(view));
    }
    const failure = new WaybillError('server-unreachable', { url: client.connection.url, reason: 'it stopped.' });
    return { lastEventId, failure };
  } catch (failure) {
    if (!signal.aborted && !isAway(failure)) throw failure;
    return { lastEventId, failure };
  }
}

/**
 * Shows how far an operation is for as long as a request for it is under way. Only the request's answer counts: what goes wrong with the
 * showing is let pass.
 */
export async function showingProgress<T>(session: Session, operation: string, request: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const shown = showUntil(session, operation, answered.signal);
  try {
    return await request;
  } finally {
    answered.abort();
    await shown;
    session.progress.end();
  }
}

async function showUntil(
  { client, surroundings, progress }: Session,
  operation: string,
  signal: AbortSignal,
): Promise<void> {
  for (const pause of PAUSES) {
    // The operation is known only when the request has arrived.
    await surroundings.pause(pause, signal);
    if (signal.aborted) return;
    try {
      for await (const { data } of client.events(pathTo('operations', operation, 'stream'), { signal }))
        progress.show(toldOf(JSON.parse(data) as OperationView));
      return;
    } catch (error) {
      if (!isAway(error) && !isServerProblem(error)) throw error;
    }
  }
}

const isAway = (error: unknown): boolean =>
  hasCode(error, 'server-unreachable') || (isServerProblem(error) && error.problem.status === 503);

export const howToFollow = (operation: string): string =>
  `The operation goes on. Follow it with: waybill operation ${operation}`;

function withAdvice(error: unknown, advice: string): unknown {
  if (isServerProblem(error)) return serverProblem({ ...error.problem, detail: `${error.problem.detail} ${advice}` });
  if (!hasCode(error, 'server-unreachable')) return error;
  const { url, reason } = error.details;
  return new WaybillError('server-unreachable', { url, reason: `${String(reason)} ${advice}` }, { cause: error });
}

/** A record that has not begun has no step, and its state is a word for programs. */
const toldOf = ({ detail, progress }: OperationView): Told =>
  progress ?? { step: detail === 'proposed' ? 'waiting to begin' : detail };
