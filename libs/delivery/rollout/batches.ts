import type { ComponentKey } from '@waybill/kernel';
import { startOrder, type After } from '@waybill/packaging';
import type { PlanStep } from '../domain/plan.js';

/** Who comes after whom, for ordering. */
export const afterOf = (steps: readonly PlanStep[]): After<ComponentKey> =>
  new Map(steps.map((step) => [step.component, new Set(step.after)]));

/** The steps in the order in which they are taken: providers before those who use them. */
export function batchesOf(steps: readonly PlanStep[]): readonly (readonly PlanStep[])[] {
  const byKey = new Map(steps.map((step) => [step.component, step]));
  return startOrder(afterOf(steps)).map((batch) => batch.flatMap((key) => byKey.get(key) ?? []));
}
