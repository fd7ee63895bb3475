import type { ContainerInspectInfo } from 'dockerode';
import type { UnitSpec } from '../runtime.js';

/** What it means for the gate that a container has ended. Times are as the engine writes them. */
export type Ending =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string; readonly at?: string }
  /** Somebody stopped it, a person or the engine on its own way down: one that ends by itself is started again. */
  | { readonly kind: 'stopped'; readonly reason: string }
  /** It failed, and the engine has started it again: its state no longer tells the exit code. */
  | { readonly kind: 'restarted'; readonly at: string };

/** Undefined while the container runs as it should. */
export function ending(
  { State, RestartCount }: Pick<ContainerInspectInfo, 'State' | 'RestartCount'>,
  lifetime: UnitSpec['lifetime'],
): Ending | undefined {
  const hasEnded = ['exited', 'dead', 'restarting'].includes(State.Status);
  if (lifetime === 'once' && State.Status === 'exited' && State.ExitCode === 0) return { kind: 'ready' };
  if (State.OOMKilled) {
    return { kind: 'failed', reason: 'The container was killed for want of memory.', at: State.FinishedAt };
  }
  if (lifetime === 'keep-up' && State.Status === 'exited')
    return { kind: 'stopped', reason: endedWith(State.ExitCode) };
  if (hasEnded) return { kind: 'failed', reason: endedWith(State.ExitCode), at: State.FinishedAt };
  if (RestartCount > 0) return { kind: 'restarted', at: State.FinishedAt };
  if (State.Status === 'created') return { kind: 'failed', reason: 'The container was not started.' };
  return undefined;
}

export const endedWith = (code: number | undefined): string =>
  `The container ended${code === undefined ? '' : ` with exit code ${code}`}.`;
