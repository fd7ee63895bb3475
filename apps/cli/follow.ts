import { hasCode } from '@waybill/kernel';
import type { OperationView } from './api/operation.js';
import { pathTo } from './client/client.js';
import { isServerProblem } from './client/serverProblem.js';
import { ending } from './ending.js';
import { amountOf } from './output/progress.js';
import type { Session } from './session.js';

/** Milliseconds between two looks; the last one repeats. */
const PAUSES = [50, 100, 200, 300, 500, 1_000];
/** Milliseconds for which a server may be away (restarted, say) before the watching ends. */
const PATIENCE = 60_000;

/**
 * Watches an operation until it has ended or waits for a person, telling how far it is. Ctrl-C ends the watching, never the operation.
 * @throws the failure of the last look when the server stays away; an ending when interrupted
 */
export async function followOperation(session: Session, operation: string): Promise<OperationView> {
  const { surroundings, progress } = session;
  const interrupted = new AbortController();
  const forget = surroundings.onInterrupt(() => interrupted.abort());
  try {
    for (let look = 0; ; look += 1) {
      const view = await patiently(session, operation, interrupted.signal);
      if (view.state !== 'running') return view;
      progress.show(stepOf(view), amountIn(view));
      await surroundings.pause(PAUSES[Math.min(look, PAUSES.length - 1)] ?? 1_000, interrupted.signal);
      if (interrupted.signal.aborted) throw leftRunning(operation);
    }
  } finally {
    forget();
    progress.end();
  }
}

async function patiently(session: Session, operation: string, signal: AbortSignal): Promise<OperationView> {
  const { client, surroundings, progress } = session;
  const since = surroundings.now();
  for (;;) {
    try {
      return await client.get<OperationView>(pathTo('operations', operation));
    } catch (error) {
      if (!isAway(error) || surroundings.now() - since > PATIENCE) throw error;
      progress.show('the server does not answer; waiting for it');
      await surroundings.pause(1_000, signal);
      if (signal.aborted) throw leftRunning(operation);
    }
  }
}

const isAway = (error: unknown): boolean =>
  hasCode(error, 'server-unreachable') || (isServerProblem(error) && error.problem.status === 503);

const leftRunning = (operation: string) =>
  ending(130, `The operation goes on. Follow it with: waybill operation ${operation}`);

const stepOf = ({ detail, progress }: OperationView): string =>
  progress?.reason === undefined ? (progress?.step ?? detail) : `${progress.step}: ${progress.reason}`;

const amountIn = ({ progress }: OperationView): string | undefined =>
  progress?.bytes === undefined ? undefined : amountOf(progress.bytes, progress.total);
