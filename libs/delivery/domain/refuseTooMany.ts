import { WaybillError } from '@waybill/kernel';
import { replicasOf, type Desired } from './desired.js';
import type { RunningUnits, StepWithSpec } from './planSteps.js';
import { ROOM } from './subnets.js';

/**
 * Every container has an address of its own in the instance's network for as long as it exists, and the old ones exist until all new ones serve.
 * @throws WaybillError `network-too-small`
 */
export function refuseTooMany(steps: readonly StepWithSpec[], running: RunningUnits, ours: Desired | undefined): void {
  const counts = steps.map(({ step: { component, name, action }, spec }) => {
    const present = ours?.components[component];
    return {
      name,
      old: running.has(component) ? (present === undefined ? 1 : replicasOf(present)) : 0,
      fresh: action === 'create' || action === 'replace' ? (spec?.value.replicas ?? 0) : 0,
    };
  });
  const [old, fresh] = [sum(counts.map((one) => one.old)), sum(counts.map((one) => one.fresh))];
  if (fresh === 0 || old + fresh <= ROOM) return;
  const most = counts.reduce((one, other) => (other.fresh > one.fresh ? other : one));
  throw new WaybillError('network-too-small', { fresh, old, room: ROOM, component: most.name, replicas: most.fresh });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
