import type { GateOutcome } from '@waybill/runtime';
import { reportRun } from '../app/reportRun.js';
import { jobRun } from '../domain/runs.js';
import type { Generation, Rollout } from './context.js';

const LINES = 50;
const LENGTH = 16_384;

/** Keeps what came of a job: its exit code and the last lines it wrote, beside the runs of schedules. */
export async function recordJob(
  { deps, runtime, record, state, proposedAt, masked }: Rollout,
  { ref }: Generation,
  outcome: GateOutcome,
): Promise<void> {
  const unit = (await runtime.observe(state.id)).find(
    (one) => one.ref.component === ref.component && one.ref.record === record.id,
  );
  const [container] = unit?.replicas ?? [];
  await reportRun(deps, proposedAt, {
    type: 'run-ended',
    data: {
      run: jobRun(record.id, ref.component),
      instance: state.id,
      component: ref.component,
      record: record.id,
      outcome: outcome.kind === 'ready' ? 'succeeded' : 'failed',
      ...(container?.exitCode === undefined ? {} : { exitCode: container.exitCode }),
      ...(outcome.kind === 'failed' ? { reason: outcome.reason } : {}),
      log: masked((await runtime.logs(ref, LINES)).slice(-LENGTH)),
      ...(container?.startedAt === undefined ? {} : { startedAt: container.startedAt }),
    },
  });
}
