import { isWaybillError, type ComponentKey } from '@waybill/kernel';
import { startOrder } from '@waybill/packaging';
import type { ComponentTruth } from '../domain/instanceEvents.js';
import type { PlanStep } from '../domain/plan.js';
import { afterOf } from './batches.js';
import type { Generation, Rollout } from './context.js';

/** Takes back what the rollout did, last first, and tells of every component it touched what serves now. */
export async function revert(rollout: Rollout): Promise<readonly ComponentTruth[]> {
  const { plan, record } = rollout;
  const touched = plan.steps.filter((step) => record.components[step.component] !== undefined);
  const order = startOrder(afterOf(plan.steps)).flat().reverse();
  const truths: ComponentTruth[] = [];
  for (const component of order) {
    const step = touched.find((one) => one.component === component);
    if (step !== undefined) {
      truths.push({ component, serving: await bringBack(rollout, step) });
      rollout.steps.next();
    }
  }
  return truths;
}

async function bringBack(rollout: Rollout, step: PlanStep): Promise<ComponentTruth['serving']> {
  const { tell, runtime, wanted, serving } = rollout;
  const [fresh, old] = [await wanted(step.component), await serving(step.component)];
  try {
    if (old === undefined) {
      tell(`removing the new ${step.name}`);
      if (fresh !== undefined) await runtime.retireUnit(fresh.ref);
      return 'none';
    }
    if (old.spec.lifetime === 'once') {
      // What it did is done; it is not done again for going back.
      if (fresh !== undefined) await runtime.retireUnit(fresh.ref);
      return 'old';
    }
    tell(`bringing back the former ${step.name}`);
    const back = await serveAgain(rollout, step, old, fresh);
    if (fresh !== undefined) await runtime.retireUnit(fresh.ref);
    return back ? 'old' : 'none';
  } catch (error) {
    // An engine that is away comes back; anything else is the truth about this component, and the others still deserve their turn.
    rollout.signal.throwIfAborted();
    if (rollout.passes(error)) throw error;
    rollout.deps.log('error', 'a component could not be brought back', {
      component: step.component,
      ...(isWaybillError(error) ? { reason: error.message } : { error }),
    });
    return 'unknown';
  }
}

async function serveAgain(
  rollout: Rollout,
  step: PlanStep,
  old: Generation,
  fresh: Generation | undefined,
): Promise<boolean> {
  const { runtime, openSecret, signal } = rollout;
  if (await servesNow(rollout, step.component, old)) return true;
  if (step.strategy === 'stop-first' && fresh !== undefined) await runtime.haltUnit(fresh.ref, fresh.spec);
  if (!(await runtime.resumeUnit(old.ref))) await runtime.stageUnit(old.ref, old.spec, openSecret);
  const outcome = await runtime.gateUnit(old.ref, old.spec, { signal });
  // It served before, and there is nothing else to go back to: it gets its name even when it is slow to answer.
  await runtime.switchTraffic(old.ref, old.spec, fresh === undefined ? [] : [fresh.ref]);
  return outcome.kind === 'ready';
}

async function servesNow({ runtime, state }: Rollout, component: ComponentKey, old: Generation): Promise<boolean> {
  const unit = (await runtime.observe(state.id)).find(
    (one) => one.ref.component === component && one.ref.record === old.ref.record,
  );
  return (
    unit?.serving === true && unit.replicas.length > 0 && unit.replicas.every((replica) => replica.state === 'running')
  );
}
