import type { ContainerInspectInfo } from 'dockerode';
import type { UnitSpec } from '../runtime.js';

export type Ending =
  | { readonly kind: 'ready' }
  /** `at`: when it ended, as the engine writes times. */
  | { readonly kind: 'failed'; readonly reason: string; readonly at?: string };

/** What it means for the gate that a container has ended; undefined while it runs as it should. */
export function ending(
  { State, RestartCount }: Pick<ContainerInspectInfo, 'State' | 'RestartCount'>,
  lifetime: UnitSpec['lifetime'],
): Ending | undefined {
  const hasEnded = State.Status === 'exited' || State.Status === 'dead';
  if (lifetime === 'once' && hasEnded && State.ExitCode === 0) return { kind: 'ready' };
  if (State.OOMKilled)
    return { kind: 'failed', reason: 'The container was killed for want of memory.', at: State.FinishedAt };
  // The engine restarts what is to be kept up, so an end may show only as a restart.
  if (hasEnded || State.Status === 'restarting' || RestartCount > 0) {
    return { kind: 'failed', reason: `The container ended with exit code ${State.ExitCode}.`, at: State.FinishedAt };
  }
  if (State.Status === 'created') return { kind: 'failed', reason: 'The container was not started.' };
  return undefined;
}
