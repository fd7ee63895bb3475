import type { ComponentKey, Digest } from '@waybill/kernel';
import type { UnitSpec } from '@waybill/runtime';
import {
  itemsOfKind,
  valueAt,
  type Desired,
  type DesiredComponent,
  type MountValue,
  type WorkloadValue,
} from './desired.js';
import type { PlanStep } from './plan.js';
import { specDigest, unitSpec, type UnitSource } from './unitSpec.js';

/** The unit of a component that serves now: what its spec's digest is. */
export type RunningUnits = ReadonlyMap<ComponentKey, { readonly specDigest: Digest }>;

export interface StepWithSpec {
  readonly step: Omit<PlanStep, 'spec'>;
  readonly spec?: { readonly value: UnitSpec; readonly digest: Digest };
}

/** What happens to each component so that what runs becomes what is desired. */
export function planSteps(
  running: RunningUnits,
  desired: Desired,
  source: Omit<UnitSource, 'desired'>,
): readonly StepWithSpec[] {
  const steps = Object.values(desired.components).map((component) =>
    stepFor(component, running, { ...source, desired }),
  );
  const gone = [...running.keys()].filter((key) => desired.components[key] === undefined).sort();
  return [...steps, ...gone.map((key) => retire(key, key))];
}

/** Everything that runs ends. */
export function removalSteps(running: RunningUnits, desired: Desired | undefined): readonly StepWithSpec[] {
  return [...running.keys()]
    .sort()
    .map((key) => retire(key, desired?.components[key]?.name ?? key, dependenciesOf(desired?.components[key])));
}

const retire = (component: ComponentKey, name: string, after: readonly ComponentKey[] = []): StepWithSpec => ({
  step: { component, name, action: 'retire', strategy: 'overlap', after },
});

function stepFor(component: DesiredComponent, running: RunningUnits, source: UnitSource): StepWithSpec {
  const value = unitSpec(component, source);
  const now = running.get(component.key);
  const step = {
    component: component.key,
    name: component.name,
    strategy: strategyOf(component),
    after: dependenciesOf(component),
  } as const;
  if (value === undefined) return { step: { ...step, action: now === undefined ? 'keep' : 'retire' } };
  const digest = specDigest(value);
  const action = now === undefined ? 'create' : now.specDigest === digest ? 'keep' : 'replace';
  return { step: { ...step, action }, spec: { value, digest } };
}

/** Two generations of a stateful component must not write to its data at the same time. */
const strategyOf = (component: DesiredComponent): PlanStep['strategy'] =>
  valueAt<WorkloadValue>(component, 'workload')?.kind === 'stateful' ? 'stop-first' : 'overlap';

/** Whom it uses, and whose volumes it sees: the owner comes first, since it may be the one to fill them. */
function dependenciesOf(component: DesiredComponent | undefined): readonly ComponentKey[] {
  if (component === undefined) return [];
  const uses = itemsOfKind(component, 'depends').map(({ name }) => name as ComponentKey);
  const owners = itemsOfKind<MountValue>(component, 'mount').map(({ value }) => value.component as ComponentKey);
  return [...new Set([...uses, ...owners])];
}
