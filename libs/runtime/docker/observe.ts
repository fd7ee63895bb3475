import type { InstanceId } from '@waybill/kernel';
import type { ObservedUnit, UnitRef } from '../runtime.js';
import type { Connection } from './connection.js';
import { containersOfInstance, observed, type OwnContainer } from './containers.js';
import { LABEL } from './labels.js';

/** Every unit of the instance that the engine has containers of. */
export async function observe(connection: Connection, instance: InstanceId): Promise<readonly ObservedUnit[]> {
  const units = new Map<string, OwnContainer[]>();
  for (const container of await containersOfInstance(connection, instance)) {
    const { component, record, specDigest } = container.ref;
    const key = JSON.stringify([component, record, specDigest]);
    units.set(key, [...(units.get(key) ?? []), container]);
  }
  return [...units.values()].flatMap((containers) => {
    const [first] = containers;
    return first === undefined ? [] : [observedUnit(first.ref, containers)];
  });
}

export const observedUnit = (ref: UnitRef, containers: readonly OwnContainer[]): ObservedUnit => ({
  ref,
  replicas: containers.map(observed),
  serving: containers.length > 0 && containers.every(isServing),
});

/** Has it the component's name, and its ports if it has any? */
export function isServing(container: OwnContainer): boolean {
  return hasName(container) && (!container.publishes || endpointsOf(container).length > 1);
}

export const hasName = (container: OwnContainer): boolean =>
  endpointsOf(container).some(({ aliases }) => aliases.includes(container.labels[LABEL.host] ?? ''));

export interface EndpointSeen {
  readonly network: string;
  readonly aliases: readonly string[];
}

export function endpointsOf({ info }: OwnContainer): readonly EndpointSeen[] {
  return Object.entries(info.NetworkSettings.Networks).map(([network, endpoint]) => ({
    network,
    aliases: (endpoint.Aliases as readonly string[] | null) ?? [],
  }));
}
