import type { NetworkInspectInfo } from 'dockerode';
import { WaybillError, type InstanceId } from '@waybill/kernel';
import type { InstanceNetwork } from '../runtime.js';
import { call, callFor } from './call.js';
import type { Connection } from './connection.js';
import { inspectContainer } from './containers.js';
import { refusedSaying, refusedWith } from './engineError.js';
import { LABEL, labelled } from './labels.js';
import { networkName, type NetworkRole } from './names.js';
import { pause } from './pause.js';

/** The instance's two networks on the engine. */
export type Networks = Readonly<Record<NetworkRole, { readonly name: string; readonly subnet: string }>>;

const networkPath = (name: string): string => `/networks/${encodeURIComponent(name)}`;

export async function ensureNetworks(connection: Connection, network: InstanceNetwork): Promise<void> {
  await ensureNetwork(connection, network, 'inside', network.insideSubnet);
  await ensureNetwork(connection, network, 'outside', network.outsideSubnet);
}

async function ensureNetwork(
  connection: Connection,
  { instance, instanceName }: InstanceNetwork,
  role: NetworkRole,
  subnet: string,
): Promise<void> {
  const name = networkName(instance, instanceName, role);
  if (await isThere(connection, name, instance, role, subnet)) return;
  try {
    await call(connection, {
      action: `make the network ${name}`,
      method: 'POST',
      path: '/networks/create',
      body: {
        Name: name,
        // Without it the engine makes two networks of one name, and containers on them do not start.
        CheckDuplicate: true,
        Driver: 'bridge',
        Internal: role === 'inside',
        IPAM: { Config: [{ Subnet: subnet }] },
        Labels: { [LABEL.instance]: instance, [LABEL.instanceName]: instanceName, [LABEL.network]: role },
      },
    });
  } catch (error) {
    if (refusedSaying(error, /overlap/i))
      throw new WaybillError('subnet-taken', { subnet, purpose: role, network: name }, { cause: error });
    if (!refusedWith(error, 409)) throw error;
    if (!(await isThere(connection, name, instance, role, subnet))) throw error;
  }
}

async function isThere(
  connection: Connection,
  name: string,
  instance: InstanceId,
  role: NetworkRole,
  subnet: string,
): Promise<boolean> {
  const found = await callFor<NetworkInspectInfo>(connection, {
    action: `inspect the network ${name}`,
    method: 'GET',
    path: networkPath(name),
  });
  if (found === undefined) return false;
  if (found.Labels?.[LABEL.instance] !== instance || found.Labels[LABEL.network] !== role) {
    throw new WaybillError('object-not-ours', { kind: 'network', name });
  }
  if (subnetOf(found) === subnet) return true;
  // Addresses of containers are taken from the subnet, so a network with another one serves nobody.
  await removeNetwork(connection, name);
  return false;
}

const subnetOf = (network: NetworkInspectInfo): string => network.IPAM?.Config?.[0]?.Subnet ?? '';

/** @throws WaybillError `engine-refused` when a network is missing */
export async function networksOf(connection: Connection, instance: InstanceId): Promise<Networks> {
  const found = await listNetworks(connection, instance);
  const one = (role: NetworkRole): { name: string; subnet: string } => {
    const network = found.find((candidate) => candidate.Labels?.[LABEL.network] === role);
    if (network === undefined) {
      throw new WaybillError('engine-refused', {
        action: `use the networks of the instance ${instance}`,
        reason: `the ${role} network is missing`,
      });
    }
    return { name: network.Name, subnet: subnetOf(network) };
  };
  return { inside: one('inside'), outside: one('outside') };
}

const listNetworks = (connection: Connection, instance: InstanceId): Promise<readonly NetworkInspectInfo[]> =>
  call<readonly NetworkInspectInfo[]>(connection, {
    action: 'list networks',
    method: 'GET',
    path: '/networks',
    query: { filters: labelled({ [LABEL.instance]: instance }) },
  });

export async function foreignSubnets(connection: Connection, instance: InstanceId): Promise<readonly string[]> {
  const networks = await call<readonly NetworkInspectInfo[]>(connection, {
    action: 'list networks',
    method: 'GET',
    path: '/networks',
  });
  return networks
    .filter((network) => network.Labels?.[LABEL.instance] !== instance)
    .flatMap((network) => network.IPAM?.Config ?? [])
    .flatMap(({ Subnet }) => (Subnet?.includes('.') === true ? [Subnet] : []));
}

export async function removeNetworks(connection: Connection, instance: InstanceId): Promise<void> {
  for (const { Name } of await listNetworks(connection, instance)) await removeNetwork(connection, Name);
}

/** The engine may still be letting go of containers that are gone: it is given time, and helped with those it forgot. */
async function removeNetwork(connection: Connection, name: string): Promise<void> {
  const until = connection.clock.monotonic() + connection.callTimeoutMs;
  for (;;) {
    try {
      await callFor(connection, { action: `remove the network ${name}`, method: 'DELETE', path: networkPath(name) });
      return;
    } catch (error) {
      if (!refusedSaying(error, /has active endpoints/i) || connection.clock.monotonic() > until) throw error;
      await letGo(connection, name);
      await pause(RELEASE_MS);
    }
  }
}

const RELEASE_MS = 200;

/** Takes those off a network that no longer are containers; one that is stays, and the network with it. */
async function letGo(connection: Connection, name: string): Promise<void> {
  const network = await callFor<NetworkInspectInfo>(connection, {
    action: `inspect the network ${name}`,
    method: 'GET',
    path: networkPath(name),
  });
  for (const [id, endpoint] of Object.entries(network?.Containers ?? {})) {
    const container = await inspectContainer(connection, id);
    if (container === undefined) await disconnectContainer(connection, name, endpoint.Name, true);
  }
}

export interface Endpoint {
  readonly address?: string;
  readonly aliases?: readonly string[];
}

/** Connects a container; one that is connected already is left as it is. */
export async function connectContainer(
  connection: Connection,
  network: string,
  container: string,
  endpoint: Endpoint = {},
): Promise<void> {
  try {
    await call(connection, {
      action: `connect a container to the network ${network}`,
      method: 'POST',
      path: `${networkPath(network)}/connect`,
      body: {
        Container: container,
        EndpointConfig: {
          Aliases: endpoint.aliases ?? [],
          ...(endpoint.address === undefined ? {} : { IPAMConfig: { IPv4Address: endpoint.address } }),
        },
      },
    });
  } catch (error) {
    if (!refusedSaying(error, /already exists in network|already attached to network/i)) throw error;
  }
}

/** Disconnects a container; one that is not connected, or gone, is fine. */
export async function disconnectContainer(
  connection: Connection,
  network: string,
  container: string,
  force = false,
): Promise<void> {
  try {
    await callFor(connection, {
      action: `disconnect a container from the network ${network}`,
      method: 'POST',
      path: `${networkPath(network)}/disconnect`,
      body: { Container: container, Force: force },
    });
  } catch (error) {
    if (!refusedSaying(error, /is not connected to/i)) throw error;
  }
}
