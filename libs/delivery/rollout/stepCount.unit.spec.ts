import { expect, it } from 'vitest';
import { stepCount } from './stepCount.js';

it('steps that are taken again after a failure of the moment are counted once', () => {
  const steps = stepCount();
  const told: string[] = [];
  const tell = () => told.push(`${String(steps.now().done)}/${String(steps.now().total)}`);
  const prepare = () => {
    for (let i = 0; i < 2; i += 1) {
      steps.next();
      tell();
    }
  };
  steps.begin(4);
  prepare();
  // Twice more from the start, then from one component that is there.
  for (const done of [0, 0, 1]) {
    steps.begin(4, done);
    prepare();
  }
  steps.next();
  tell();
  expect(told).toEqual(['1/4', '2/4', '2/4', '2/4', '2/4', '2/4', '2/4', '3/4', '4/4']);
});

it('going back counts on from where going forward would have ended, also when it begins again', () => {
  const steps = stepCount();
  steps.begin(4);
  steps.next();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    steps.begin(6, 4);
    steps.next();
  }
  expect(steps.now()).toEqual({ done: 5, total: 6 });
});
