import { WaybillError, type ComponentKey, type EngineId, type InstanceId } from '@waybill/kernel';
import type { Decider, DomainEvent } from '@waybill/event-store';
import type { PlannedPort } from './plan.js';
import { overlap, subnetsOf } from './subnets.js';

/** What instances hold of one engine: host ports and networks. One stream per engine, so that two instances never hold the same. */
export type EngineEvent =
  | DomainEvent<'engine-registered', { readonly engine: EngineId; readonly name: string }>
  | DomainEvent<
      'port-reserved',
      {
        readonly instance: InstanceId;
        readonly component: ComponentKey;
        readonly containerPort: number;
        readonly hostPort: number;
        readonly protocol: 'tcp' | 'udp';
      }
    >
  | DomainEvent<
      'port-released',
      { readonly instance: InstanceId; readonly hostPort: number; readonly protocol: 'tcp' | 'udp' }
    >
  | DomainEvent<
      'subnet-reserved',
      { readonly instance: InstanceId; readonly purpose: SubnetPurpose; readonly subnet: string }
    >
  | DomainEvent<'subnet-released', { readonly instance: InstanceId; readonly subnet: string }>;

export type SubnetPurpose = 'inside' | 'outside';

export interface EngineState {
  readonly registered: boolean;
  /** By `<protocol>/<host port>`. */
  readonly ports: Readonly<Record<string, PlannedPort & { readonly instance: InstanceId }>>;
  /** By CIDR. */
  readonly subnets: Readonly<Record<string, { readonly instance: InstanceId; readonly purpose: SubnetPurpose }>>;
}

export type EngineCommand =
  | {
      readonly type: 'reserve';
      readonly engine: EngineId;
      readonly name: string;
      readonly instance: InstanceId;
      readonly ports: readonly PlannedPort[];
      readonly pool: string;
      /** Networks (CIDR) that others have on the engine. */
      readonly foreign: readonly string[];
    }
  /** Takes another subnet in the place of one that the engine has no room for. */
  | {
      readonly type: 'replace-subnet';
      readonly instance: InstanceId;
      readonly purpose: SubnetPurpose;
      readonly subnet: string;
      readonly pool: string;
      /** Networks (CIDR) that others have on the engine. */
      readonly foreign: readonly string[];
    }
  /** Gives back the ports of the instance that are not in `keep`. */
  | { readonly type: 'release-ports'; readonly instance: InstanceId; readonly keep: readonly PlannedPort[] }
  | { readonly type: 'release-all'; readonly instance: InstanceId };

export const engineStream = (engine: EngineId): string => `engine-${engine}`;

const portKey = (port: Pick<PlannedPort, 'hostPort' | 'protocol'>): string => `${port.protocol}/${port.hostPort}`;

export const portHolder = (state: EngineState, hostPort: number, protocol: 'tcp' | 'udp'): InstanceId | undefined =>
  state.ports[portKey({ hostPort, protocol })]?.instance;

export function subnetsHeldBy(
  state: EngineState,
  instance: InstanceId,
): Readonly<Partial<Record<SubnetPurpose, string>>> {
  return Object.fromEntries(
    Object.entries(state.subnets)
      .filter(([, held]) => held.instance === instance)
      .map(([subnet, held]) => [held.purpose, subnet]),
  );
}

export const engineDecider: Decider<EngineState, EngineCommand, EngineEvent> = {
  initialState: () => ({ registered: false, ports: {}, subnets: {} }),
  evolve: evolveEngine,
  decide(command, state) {
    switch (command.type) {
      case 'reserve':
        return reserve(command, state);
      case 'replace-subnet':
        return replaceSubnet(command, state);
      case 'release-ports': {
        const keep = new Set(command.keep.map(portKey));
        return released(state, command.instance, (key) => !keep.has(key));
      }
      case 'release-all':
        return [
          ...released(state, command.instance, () => true),
          ...Object.entries(state.subnets)
            .filter(([, held]) => held.instance === command.instance)
            .map(([subnet]) => ({ type: 'subnet-released', data: { instance: command.instance, subnet } }) as const),
        ];
    }
  },
};

function reserve(command: Extract<EngineCommand, { type: 'reserve' }>, state: EngineState): readonly EngineEvent[] {
  const { engine, name, instance, ports, pool, foreign } = command;
  const events: EngineEvent[] = state.registered ? [] : [{ type: 'engine-registered', data: { engine, name } }];
  for (const { component, containerPort, hostPort, protocol } of ports) {
    const held = state.ports[portKey({ hostPort, protocol })];
    if (
      held !== undefined &&
      (held.instance !== instance || held.component !== component || held.containerPort !== containerPort)
    ) {
      throw new WaybillError('port-taken', {
        port: hostPort,
        holder: `the instance ${held.instance}`,
        component,
        containerPort,
      });
    }
    if (held === undefined)
      events.push({ type: 'port-reserved', data: { instance, component, containerPort, hostPort, protocol } });
  }
  const held = subnetsHeldBy(state, instance);
  const free = freeSubnets(state, pool, foreign);
  for (const purpose of ['inside', 'outside'] as const) {
    if (held[purpose] !== undefined) continue;
    const next = free.next();
    if (next.done === true) throw new WaybillError('subnets-exhausted', { pool });
    events.push({ type: 'subnet-reserved', data: { instance, purpose, subnet: next.value } });
  }
  return events;
}

const freeSubnets = (state: EngineState, pool: string, foreign: readonly string[]) =>
  subnetsOf(pool, (subnet) => state.subnets[subnet] === undefined && !foreign.some((other) => overlap(subnet, other)));

function replaceSubnet(
  { instance, purpose, subnet, pool, foreign }: Extract<EngineCommand, { type: 'replace-subnet' }>,
  state: EngineState,
): readonly EngineEvent[] {
  if (subnetsHeldBy(state, instance)[purpose] !== subnet) return [];
  const next = freeSubnets(state, pool, foreign).next();
  if (next.done === true) throw new WaybillError('subnets-exhausted', { pool });
  return [
    { type: 'subnet-released', data: { instance, subnet } },
    { type: 'subnet-reserved', data: { instance, purpose, subnet: next.value } },
  ];
}

const released = (state: EngineState, instance: InstanceId, which: (key: string) => boolean): readonly EngineEvent[] =>
  Object.entries(state.ports)
    .filter(([key, held]) => held.instance === instance && which(key))
    .map(([, { hostPort, protocol }]) => ({ type: 'port-released', data: { instance, hostPort, protocol } }));

function evolveEngine(state: EngineState, event: EngineEvent): EngineState {
  switch (event.type) {
    case 'engine-registered':
      return { ...state, registered: true };
    case 'port-reserved':
      return { ...state, ports: { ...state.ports, [portKey(event.data)]: event.data } };
    case 'port-released':
      return { ...state, ports: without(state.ports, portKey(event.data)) };
    case 'subnet-reserved':
      return {
        ...state,
        subnets: {
          ...state.subnets,
          [event.data.subnet]: { instance: event.data.instance, purpose: event.data.purpose },
        },
      };
    case 'subnet-released':
      return { ...state, subnets: without(state.subnets, event.data.subnet) };
  }
}

const without = <Value>(record: Readonly<Record<string, Value>>, key: string): Readonly<Record<string, Value>> =>
  Object.fromEntries(Object.entries(record).filter(([one]) => one !== key));
