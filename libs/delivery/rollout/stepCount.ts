import type { Plan } from '../domain/plan.js';
import type { RecordState } from '../domain/instanceState.js';

/** How many steps of a rollout are taken, for people. */
export interface StepCount {
  /** Of all, when so many were taken before; again at every attempt, which takes the steps after those anew. Neither number ever falls. */
  begin(total: number, done?: number): void;
  /** One more is taken. */
  next(): void;
  now(): { readonly done: number; readonly total: number };
}

export function stepCount(): StepCount {
  let steps = { done: 0, total: 0 };
  // Of this attempt; those that an earlier one had taken as well are nothing new.
  let taken = 0;
  const show = (total: number) => (steps = { done: Math.min(Math.max(steps.done, taken), total), total });
  return {
    begin(total, done = 0) {
      taken = done;
      show(Math.max(steps.total, total));
    },
    next() {
      taken += 1;
      show(steps.total);
    },
    now: () => steps,
  };
}

/** Images, networks and volumes, then every component that something happens to. */
export const stepsForward = ({ steps }: Plan): number => 2 + steps.filter(({ action }) => action !== 'keep').length;

/** Components of a record that an attempt finds done; removals come last, and are all gone through again. */
export const componentsDone = ({ components }: RecordState): number =>
  Object.values(components).filter(({ status }) => status === 'applied').length;
