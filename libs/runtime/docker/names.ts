import { hexOf, sha256, type InstanceId } from '@waybill/kernel';
import type { UnitRef, UnitSpec } from '../runtime.js';

/** Which of an instance's two networks. */
export type NetworkRole = 'inside' | 'outside';

/**
 * The name of a container: readable, and unique by its digits alone, since names of instances and components may be anything.
 * At most 63 characters of `a-z0-9-`, so that it is a host name on the instance's network.
 */
export function containerName(ref: UnitRef, spec: Pick<UnitSpec, 'instanceName' | 'host'>, replica: number): string {
  const unique = short(ref.instance, ref.component, ref.record);
  return `wb-${slug(spec.instanceName, 18)}-${slug(spec.host, 18)}-${unique}-${replica}`;
}

export const networkName = (instance: InstanceId, instanceName: string, role: NetworkRole): string =>
  `wb-${slug(instanceName, 30)}-${short(instance)}-${role}`;

/**
 * What a container calls itself, the same in every version. The engine lets the others resolve it from the start, so it is not the
 * component's own name; and it has no dot, since resolvers take what stands after one for a domain to search.
 */
export const hostName = (host: string, replica: number): string => `${slug(host, 40)}-r${replica}`;

function slug(text: string, length: number): string {
  const clean = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, length)
    .replaceAll(/-+$/g, '');
  return clean === '' ? 'x' : clean;
}

const short = (...parts: readonly string[]): string => hexOf(sha256(JSON.stringify(parts))).slice(0, 10);
