import type { DomainEvent } from './event.js';

/**
 * The rules of one stream as pure functions. `decide` says what happens (no events: valid, nothing to do) or throws a WaybillError;
 * `evolve` folds what happened. Both may run any number of times: clock, ids and randomness arrive in the command.
 */
export interface Decider<State, Command, Event extends DomainEvent> {
  decide(command: Command, state: State): readonly Event[];
  evolve(state: State, event: Event): State;
  initialState(): State;
}

export function fold<State, Event extends DomainEvent>(
  decider: Pick<Decider<State, never, Event>, 'evolve' | 'initialState'>,
  events: Iterable<Event>,
): State {
  let state = decider.initialState();
  for (const event of events) state = decider.evolve(state, event);
  return state;
}
