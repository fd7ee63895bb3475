import type { ComponentKey } from '@waybill/kernel';
import type { GateOutcome } from '@waybill/runtime';
import type { PlanStep } from '../domain/plan.js';
import type { Generation, Rollout } from './context.js';
import { recordJob } from './recordJob.js';

/** A component that did not come to serve. */
export interface Failure {
  readonly component: ComponentKey;
  readonly reason: string;
  readonly log: string;
}

interface Applying {
  readonly step: PlanStep;
  readonly wanted: Generation;
  readonly serving: Generation | undefined;
}

/**
 * Brings the components of a batch (several only when they need one another in a round) from their old generation to the new one:
 * intent recorded, new containers made and proven, traffic switched, result recorded; the old ones are halted, ready to come back.
 */
export async function applyBatch(rollout: Rollout, steps: readonly PlanStep[]): Promise<Failure | undefined> {
  const open = steps.filter((step) => rollout.record.components[step.component]?.status !== 'applied');
  const applying: Applying[] = [];
  for (const step of open) applying.push(...(await intend(rollout, step)));
  for (const one of applying) await stage(rollout, one);
  const outcomes = await Promise.all(applying.map((one) => gate(rollout, one)));
  for (const [i, one] of applying.entries()) {
    const outcome = outcomes[i];
    if (outcome !== undefined && one.wanted.spec.lifetime === 'once') await recordJob(rollout, one.wanted, outcome);
    if (outcome?.kind === 'failed')
      return { component: one.step.component, reason: outcome.reason, log: rollout.masked(outcome.log) };
  }
  for (const one of applying) await takeOver(rollout, one);
  return undefined;
}

async function intend({ report, record, wanted, serving }: Rollout, step: PlanStep): Promise<readonly Applying[]> {
  const generation = await wanted(step.component);
  if (generation === undefined || (step.action !== 'create' && step.action !== 'replace')) return [];
  await report({
    type: 'component-apply-intended',
    data: { record: record.id, component: step.component, action: step.action, specDigest: generation.ref.specDigest },
  });
  return [{ step, wanted: generation, serving: await serving(step.component) }];
}

async function stage({ runtime, openSecret, tell }: Rollout, { step, wanted, serving }: Applying): Promise<void> {
  if (step.strategy === 'stop-first' && serving !== undefined) {
    tell(`stopping the present ${step.name}: its data is for one at a time`);
    await runtime.haltUnit(serving.ref, serving.spec);
  }
  tell(`starting ${step.name}`);
  await runtime.stageUnit(wanted.ref, wanted.spec, openSecret);
}

function gate({ runtime, tell, signal, deps }: Rollout, { step, wanted }: Applying): Promise<GateOutcome> {
  const waiting = `waiting until ${step.name} is ready`;
  const until = new Date(Date.parse(deps.clock.now()) + wanted.spec.gate.deadline * 1000).toISOString();
  tell(waiting, { until });
  return runtime.gateUnit(wanted.ref, wanted.spec, {
    signal,
    onProgress: (reason) => tell(waiting, { until, reason }),
  });
}

async function takeOver(rollout: Rollout, { step, wanted, serving }: Applying): Promise<void> {
  const { runtime, report, record, tell, state } = rollout;
  if (wanted.spec.lifetime === 'once') tell(`${step.name} has done its work`);
  else {
    tell(`${step.name} is ready and takes over`);
    await runtime.switchTraffic(wanted.ref, wanted.spec, serving === undefined ? [] : [serving.ref]);
  }
  const unit = (await runtime.observe(state.id)).find(
    (one) => one.ref.component === step.component && one.ref.record === record.id,
  );
  await report({
    type: 'component-applied',
    data: {
      record: record.id,
      component: step.component,
      specDigest: wanted.ref.specDigest,
      image: wanted.spec.image.config,
      containers: (unit?.replicas ?? []).map(({ id, name }) => ({ id, name })),
    },
  });
  if (serving !== undefined) await runtime.haltUnit(serving.ref, serving.spec);
  rollout.steps.next();
}
