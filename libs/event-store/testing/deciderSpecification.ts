import { expect } from 'vitest';
import { hasCode, type ErrorCode, type ErrorDetails } from '@waybill/kernel';
import { fold, type Decider } from '../decider.js';
import type { DomainEvent } from '../event.js';

/** Given what happened, when this is asked for, then that happens; compared whole. */
export interface DeciderSpecification<Command, Event extends DomainEvent> {
  given(events: readonly Event[]): {
    when(command: Command): {
      /** Exactly these events, in this order. */
      then(events: readonly Event[]): void;
      /** The command is valid, and there is nothing to do. */
      thenNothing(): void;
      /** A WaybillError of this code, and with these details when they are given. */
      thenThrows(code: ErrorCode, details?: ErrorDetails): void;
    };
  };
}

export function deciderSpecification<State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
): DeciderSpecification<Command, Event> {
  return {
    given: (events) => ({
      when(command) {
        const decide = () => decider.decide(command, fold(decider, events));
        return {
          then: (expected) => expect(decide()).toStrictEqual(expected),
          thenNothing: () => expect(decide()).toStrictEqual([]),
          thenThrows(code, details) {
            const error = failureOf(decide);
            if (!hasCode(error, code)) throw new Error(`expected ${code}, but got ${String(error)}`, { cause: error });
            if (details !== undefined) expect(error.details).toStrictEqual(details);
          },
        };
      },
    }),
  };
}

function failureOf(call: () => unknown): unknown {
  try {
    return `the answer ${JSON.stringify(call())}`;
  } catch (error) {
    return error;
  }
}
