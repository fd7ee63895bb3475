import { isWaybillError, type RecordId } from '@waybill/kernel';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { portsOf } from '../app/submitPlan.js';
import { handleEngine, handleName, loadInstance } from '../app/streams.js';
import type { ComponentTruth } from '../domain/instanceEvents.js';
import { isOpen, recordOf, type ExistingInstance, type RecordState } from '../domain/instanceState.js';
import { applyBatch, type Failure } from './applyBatch.js';
import { batchesOf } from './batches.js';
import { openRollout, type Rollout, type RolloutOptions } from './context.js';
import { reasonOf } from './passing.js';
import { prepare } from './prepare.js';
import { revert } from './revert.js';
import { componentsDone, stepsForward } from './stepCount.js';

/**
 * Carries an open record to its end: forward while all goes well, back when a component fails. Every step is recorded before it is taken and
 * may be taken again, so after a kill at any point calling this again ends the record well.
 * @throws what is about the moment (`engine-unreachable`, …: call again later), and AbortError
 */
export async function carryOut(
  deps: DeliveryDependencies,
  instance: ExistingInstance['id'],
  id: RecordId,
  options: RolloutOptions,
): Promise<RecordState> {
  const rollout = await openRollout(deps, instance, id, options);
  if (!isOpen(rollout.record)) return rollout.record;
  await rollout.report({ type: 'rollout-started', data: { record: id } });
  if (rollout.record.status === 'reverting') await goBack(rollout, rollout.record.failure ?? 'it failed');
  else if (rollout.plan.kind === 'remove') await remove(rollout);
  else await goForward(rollout, options);
  return finished(deps, instance, id);
}

async function finished(
  deps: DeliveryDependencies,
  instance: ExistingInstance['id'],
  id: RecordId,
): Promise<RecordState> {
  const { state } = await loadInstance(deps, instance);
  const record = recordOf(state, id);
  if (record === undefined) throw new Error(`the record ${id} vanished from its instance`);
  return record;
}

async function goForward(rollout: Rollout, options: RolloutOptions): Promise<void> {
  const failure = await tryForward(rollout);
  if (failure === undefined) return complete(rollout);
  if (failure.component !== undefined)
    await rollout.report({
      type: 'component-failed',
      data: { ...failure, component: failure.component, record: rollout.record.id },
    });
  // What was done so far is read back, so that exactly that is undone.
  await goBack(await openRollout(rollout.deps, rollout.state.id, rollout.record.id, options), failure.reason);
}

type AnyFailure = Failure | { readonly component?: undefined; readonly reason: string };

async function tryForward(rollout: Rollout): Promise<AnyFailure | undefined> {
  const { plan, record, steps } = rollout;
  steps.begin(stepsForward(plan), componentsDone(record));
  try {
    await prepare(rollout);
    for (const batch of batchesOf(plan.steps)) {
      rollout.signal.throwIfAborted();
      const failure = await applyBatch(rollout, batch);
      if (failure !== undefined) return failure;
    }
    return undefined;
  } catch (error) {
    rollout.signal.throwIfAborted();
    if (rollout.passes(error)) throw error;
    if (!isWaybillError(error))
      rollout.deps.log('error', 'a rollout goes back', { instance: rollout.state.id, record: record.id, error });
    return { reason: rollout.masked(reasonOf(error)) };
  }
}

/** Everything serves: old generations and retired components go, ports that nobody publishes are given back. */
async function complete(rollout: Rollout): Promise<void> {
  const { plan, record, report, deps, state, tell } = rollout;
  const truths: ComponentTruth[] = [];
  for (const step of plan.steps) {
    const old = await rollout.serving(step.component);
    if (step.action === 'retire') {
      tell(`removing ${step.name}`);
      if (old !== undefined) await rollout.runtime.retireUnit(old.ref);
      await report({ type: 'component-removed', data: { record: record.id, component: step.component } });
      rollout.steps.next();
      truths.push({ component: step.component, serving: 'none' });
    } else if (step.action !== 'keep') {
      if (old !== undefined) await rollout.runtime.retireUnit(old.ref);
      truths.push({ component: step.component, serving: 'new' });
    }
  }
  await handleEngine(
    deps,
    state.engine,
    { type: 'release-ports', instance: state.id, keep: await portsOf(deps, plan.desired) },
    rollout.context('release-ports'),
  );
  await report({ type: 'rollout-completed', data: { record: record.id, components: truths } });
}

async function goBack(rollout: Rollout, reason: string): Promise<void> {
  const { report, record, deps, state } = rollout;
  const forward = stepsForward(rollout.plan);
  rollout.steps.begin(forward + Object.keys(record.components).length, forward);
  rollout.tell('going back', { reason });
  const components = await revert(rollout);
  await handleEngine(
    deps,
    state.engine,
    { type: 'release-ports', instance: state.id, keep: await portsOf(deps, state.desired) },
    rollout.context('release-ports'),
  );
  const whole = components.every(
    ({ component, serving }) => serving === (state.units[component] === undefined ? 'none' : 'old'),
  );
  await report({
    type: whole ? 'rollout-reverted' : 'rollout-failed',
    data: { record: record.id, reason, components },
  });
}

/** The end of an instance: containers, networks, volumes if so asked; then its ports, subnets and name are free again. */
async function remove(rollout: Rollout): Promise<void> {
  const { plan, record, report, runtime, state, deps, tell } = rollout;
  // The last one is for what is not a component: networks, volumes, ports, the name.
  rollout.steps.begin(plan.steps.length + 1);
  for (const step of batchesOf(plan.steps).flat().reverse()) {
    tell(`removing ${step.name}`);
    const old = await rollout.serving(step.component);
    if (old !== undefined) await runtime.retireUnit(old.ref);
    await report({ type: 'component-removed', data: { record: record.id, component: step.component } });
    rollout.steps.next();
  }
  tell(plan.removeVolumes ? 'removing networks and volumes' : 'removing networks');
  for (const left of await runtime.observe(state.id)) await runtime.retireUnit(left.ref);
  await runtime.removeNetworks(state.id);
  if (plan.removeVolumes) for (const volume of await runtime.listVolumes(state.id)) await runtime.removeVolume(volume);
  await handleEngine(deps, state.engine, { type: 'release-all', instance: state.id }, rollout.context('release-all'));
  await handleName(
    deps,
    state.name,
    { type: 'free', name: state.name, instance: state.id },
    rollout.context('free-name'),
  );
  await report({
    type: 'instance-removed',
    data: { record: record.id, volumes: plan.removeVolumes ? 'removed' : 'kept' },
  });
  await report({
    type: 'rollout-completed',
    data: { record: record.id, components: plan.steps.map(({ component }) => ({ component, serving: 'none' })) },
  });
}
