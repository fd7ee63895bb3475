import { describe, expect, it } from 'vitest';
import { WaybillError } from '@waybill/kernel';
import type { Decider } from '../decider.js';
import type { DomainEvent } from '../event.js';
import { deciderSpecification } from './deciderSpecification.js';

type Event = DomainEvent<'lit' | 'put-out', { readonly by?: string }>;

const lamp: Decider<boolean, 'light' | 'put-out' | 'smash', Event> = {
  initialState: () => false,
  evolve: (_, event) => event.type === 'lit',
  decide(command, lit) {
    switch (command) {
      case 'light':
        return lit ? [] : [{ type: 'lit', data: {} }];
      case 'put-out':
        return lit ? [{ type: 'put-out', data: {} }] : [];
      case 'smash':
        throw new WaybillError('invalid-name', { name: 'smash', reason: 'no.' });
    }
  },
};
const spec = deciderSpecification(lamp);
const lit: Event = { type: 'lit', data: {} };

describe('a specification of a decider', () => {
  it('holds when the decider does what it says', () => {
    spec.given([]).when('light').then([lit]);
    spec.given([lit]).when('light').thenNothing();
    spec.given([lit]).when('smash').thenThrows('invalid-name');
    spec.given([]).when('smash').thenThrows('invalid-name', { name: 'smash', reason: 'no.' });
  });

  it.each([
    [
      'other events come',
      () =>
        spec
          .given([])
          .when('light')
          .then([{ type: 'lit', data: { by: 'x' } }]),
    ],
    ['an event more comes', () => spec.given([]).when('light').then([])],
    [
      'a member more is there',
      () =>
        spec
          .given([])
          .when('light')
          .then([{ type: 'lit', data: { by: undefined as never } }]),
    ],
    ['something comes instead of nothing', () => spec.given([]).when('light').thenNothing()],
    ['nothing is thrown', () => spec.given([]).when('light').thenThrows('invalid-name')],
    ['another code is thrown', () => spec.given([]).when('smash').thenThrows('conflict')],
    ['the details differ', () => spec.given([]).when('smash').thenThrows('invalid-name', { name: 'other' })],
  ])('fails when %s', (_, specification) => {
    expect(specification).toThrow();
  });
});
