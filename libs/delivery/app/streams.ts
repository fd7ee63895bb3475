import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, WaybillError, type EngineId, type InstanceId } from '@waybill/kernel';
import {
  handle,
  handlingOf,
  readStream,
  stateOf,
  type CommandContext,
  type Handled,
  type RecordedEvent,
} from '@waybill/event-store';
import { instanceDecider, type InstanceCommand } from '../domain/instanceDecider.js';
import { instanceStream, type InstanceEvent } from '../domain/instanceEvents.js';
import {
  instanceNameDecider,
  instanceNameStream,
  type InstanceNameCommand,
  type InstanceNameEvent,
  type InstanceNameState,
} from '../domain/instanceName.js';
import { absent, evolveInstance, type ExistingInstance, type InstanceState } from '../domain/instanceState.js';
import {
  engineDecider,
  engineStream,
  type EngineCommand,
  type EngineEvent,
  type EngineState,
} from '../domain/reservations.js';
import { engineSerde, instanceNameSerde, instanceSerde } from '../domain/serde.js';
import type { DeliveryDependencies } from './dependencies.js';

type Base = Pick<DeliveryDependencies, 'store' | 'clock'>;

const instances = handlingOf(instanceSerde, instanceDecider);
const engines = handlingOf(engineSerde, engineDecider);
const names = handlingOf(instanceNameSerde, instanceNameDecider);

export const handleInstance = (
  deps: Base,
  id: InstanceId,
  command: InstanceCommand,
  context: CommandContext,
  options?: { readonly expectedRevision?: bigint | undefined },
): Promise<Handled<InstanceState, InstanceEvent>> =>
  handle(instances(deps), instanceStream(id), command, context, options);

/** Rounds of `handle` before a reservation gives up; in each attempt of each round at least one of those who compete gets on. */
const ROUNDS = 10;

/** All instances of an engine reserve in one stream, at several servers at once: who comes too late tries again rather than bother the caller. */
export async function handleEngine(
  deps: Base,
  id: EngineId,
  command: EngineCommand,
  context: CommandContext,
): Promise<Handled<EngineState, EngineEvent>> {
  for (let round = 1; ; round += 1) {
    try {
      return await handle(engines(deps), engineStream(id), command, context);
    } catch (error) {
      if (!hasCode(error, 'conflict') || round === ROUNDS) throw error;
      await delay(round * 10);
    }
  }
}

export const handleName = (
  deps: Base,
  normalised: string,
  command: InstanceNameCommand,
  context: CommandContext,
): Promise<Handled<InstanceNameState, InstanceNameEvent>> =>
  handle(names(deps), instanceNameStream(normalised), command, context);

/** An instance's events in order, after the place `from` (absent: all). */
export const instanceEvents = (
  deps: Pick<Base, 'store'>,
  id: InstanceId,
  from?: bigint,
): AsyncIterable<RecordedEvent<InstanceEvent>> => readStream(deps.store, instanceSerde, instanceStream(id), from);

export interface LoadedInstance {
  readonly state: ExistingInstance;
  readonly revision: bigint;
  readonly position: bigint;
}

/**
 * An instance as it is, or as it was after the last event that passes `until`.
 * @throws WaybillError `instance-not-found`
 */
export async function loadInstance(
  deps: Pick<Base, 'store'>,
  id: InstanceId,
  until: (event: RecordedEvent<InstanceEvent>) => boolean = () => true,
): Promise<LoadedInstance> {
  let state: InstanceState = absent;
  let revision = -1n;
  let position = -1n;
  for await (const recorded of instanceEvents(deps, id)) {
    if (!until(recorded)) break;
    state = evolveInstance(state, recorded.event);
    ({ revision, position } = recorded);
  }
  if (state.status === 'absent') throw new WaybillError('instance-not-found', { instance: id });
  return { state, revision, position };
}

export const loadEngine = ({ store }: Pick<Base, 'store'>, id: EngineId): Promise<EngineState> =>
  stateOf(store, engineSerde, engineDecider, engineStream(id));
