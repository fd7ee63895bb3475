import type { Plan } from '../domain/plan.js';
import type { RecordState } from '../domain/instanceState.js';

/** How many steps of a rollout are taken, for people. */
export interface StepCount {
  /** Of all, when so many were taken before. Neither number ever falls. */
  begin(total: number, done?: number): void;
  /** One more is taken. */
  next(): void;
  now(): { readonly done: number; readonly total: number };
}

export function stepCount(): StepCount {
  let steps = { done: 0, total: 0 };
  return {
    begin: (total, done = 0) => (steps = { done: Math.max(steps.done, done), total: Math.max(steps.total, total) }),
    next: () => (steps = { ...steps, done: Math.min(steps.done + 1, steps.total) }),
    now: () => steps,
  };
}

/** Images, networks and volumes, then every component that something happens to. */
export const stepsForward = ({ steps }: Plan): number => 2 + steps.filter(({ action }) => action !== 'keep').length;

/** Components of a record that are where it wants them. */
export const componentsDone = ({ components }: RecordState): number =>
  Object.values(components).filter(({ status }) => status === 'applied' || status === 'removed').length;
