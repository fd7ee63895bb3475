import type { Connection } from './connection.js';
import type { OwnContainer } from './containers.js';
import { LABEL, namesOf } from './labels.js';
import { connectContainer, disconnectContainer, type Networks } from './networks.js';
import { endpointsOf } from './observe.js';

/** Gives a container the component's name on the inside network. */
export const giveName = (connection: Connection, networks: Networks, container: OwnContainer): Promise<void> =>
  beInside(connection, networks, container, true);

/** Takes the component's name from a container; it stays on the inside network. */
export const takeName = (connection: Connection, networks: Networks, container: OwnContainer): Promise<void> =>
  beInside(connection, networks, container, false);

/**
 * The engine cannot change a name in place: the container leaves the network and comes back under the same address,
 * so its open connections only wait for about as long as the two calls take.
 */
async function beInside(
  connection: Connection,
  networks: Networks,
  container: OwnContainer,
  named: boolean,
): Promise<void> {
  const present = endpointsOf(container).find((endpoint) => endpoint.network === networks.inside.name);
  if (present?.aliases.includes(container.labels[LABEL.host] ?? '') === named) return;
  if (present !== undefined) await leaveInside(connection, networks, container);
  await joinInside(connection, networks, container, named);
}

/**
 * Puts a container back on the inside network. A server that died while it changed the name left it off, and there no probe reaches it.
 */
export async function ensureInside(connection: Connection, networks: Networks, container: OwnContainer): Promise<void> {
  if (!isOn(container, networks.inside.name)) await joinInside(connection, networks, container, false);
}

export const leaveInside = (connection: Connection, networks: Networks, { id }: OwnContainer): Promise<void> =>
  disconnectContainer(connection, networks.inside.name, id);

export const joinInside = (
  connection: Connection,
  networks: Networks,
  { id, address, labels }: OwnContainer,
  named: boolean,
): Promise<void> =>
  connectContainer(connection, networks.inside.name, id, {
    address,
    aliases: named ? namesOf(labels) : [],
  });

export const isOn = (container: OwnContainer, network: string): boolean =>
  endpointsOf(container).some((endpoint) => endpoint.network === network);
