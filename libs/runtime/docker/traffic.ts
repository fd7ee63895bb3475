import { WaybillError } from '@waybill/kernel';
import type { UnitRef, UnitSpec } from '../runtime.js';
import type { Connection } from './connection.js';
import { containersOf, type OwnContainer } from './containers.js';
import { refusedSaying } from './engineError.js';
import { LABEL } from './labels.js';
import { connectContainer, disconnectContainer, networksOf, type Networks } from './networks.js';
import { endpointsOf } from './observe.js';
import { portHolder } from './portHolder.js';
import { pause } from './pause.js';

/**
 * Gives a unit the component's name and ports and takes them from the others; docs/adr/0004 has the measured reasons for the order:
 * the new one gets the name beside the old one, the ports change hands in one go, and only then the old one loses the name.
 */
export async function switchTraffic(
  connection: Connection,
  to: UnitRef,
  spec: UnitSpec,
  replacing: readonly UnitRef[],
): Promise<void> {
  const [networks, joining, replaced] = await Promise.all([
    networksOf(connection, to.instance),
    containersOf(connection, to),
    Promise.all(replacing.map((ref) => containersOf(connection, ref))),
  ]);
  const leaving = replaced.flat();
  if (joining.length === 0) {
    const reason = 'its containers are gone';
    throw new WaybillError('engine-refused', { action: `let ${spec.componentName} serve`, reason });
  }
  const publishing = joining.filter((container) => container.publishes && !isOn(container, networks.outside.name));
  if (publishing.length > 0) await checkPorts(connection, spec, [...joining, ...leaving]);
  await Promise.all(joining.map((container) => giveName(connection, networks, container)));
  await Promise.all([
    ...leaving.map((container) => takePorts(connection, networks, container)),
    ...publishing.map(({ id }) => givePorts(connection, networks, spec, id)),
  ]);
  await Promise.all(leaving.map((container) => takeName(connection, networks, container)));
}

async function checkPorts(connection: Connection, spec: UnitSpec, concerned: readonly OwnContainer[]): Promise<void> {
  const ours = new Set(concerned.map(({ name }) => name));
  for (const port of spec.publish) {
    const holder = await portHolder(connection, port.hostPort, port.protocol);
    if (holder !== undefined && !ours.has(holder)) throw portTaken(spec, port, holder);
  }
}

const portTaken = (
  spec: UnitSpec,
  port: UnitSpec['publish'][number] | undefined,
  holder: string,
  cause?: unknown,
): WaybillError =>
  new WaybillError(
    'port-taken',
    {
      port: port?.hostPort,
      holder,
      component: spec.componentName,
      containerPort: port?.containerPort,
    },
    { cause },
  );

const giveName = (connection: Connection, networks: Networks, container: OwnContainer): Promise<void> =>
  beInside(connection, networks, container, [container.labels[LABEL.host] ?? '']);

export const takeName = (connection: Connection, networks: Networks, container: OwnContainer): Promise<void> =>
  beInside(connection, networks, container, []);

/**
 * The engine cannot change a name in place: the container leaves the network and comes back under the same address,
 * so its open connections only wait for about as long as the two calls take.
 */
async function beInside(
  connection: Connection,
  networks: Networks,
  container: OwnContainer,
  aliases: readonly string[],
): Promise<void> {
  const network = networks.inside.name;
  const host = container.labels[LABEL.host] ?? '';
  const present = endpointsOf(container).find((endpoint) => endpoint.network === network);
  if (present?.aliases.includes(host) === aliases.includes(host)) return;
  if (present !== undefined) await disconnectContainer(connection, network, container.id);
  await connectContainer(connection, network, container.id, { address: container.address, aliases });
}

/** Closes a container's host ports. One without ports keeps its way out. */
export async function takePorts(connection: Connection, networks: Networks, container: OwnContainer): Promise<void> {
  if (container.publishes && isOn(container, networks.outside.name)) {
    await disconnectContainer(connection, networks.outside.name, container.id);
  }
}

/** Opens a container's host ports, as soon as the engine has released them. */
async function givePorts(connection: Connection, networks: Networks, spec: UnitSpec, id: string): Promise<void> {
  const outside = networks.outside.name;
  const until = connection.clock.monotonic() + RELEASE_MS;
  for (;;) {
    try {
      await connectContainer(connection, outside, id);
      return;
    } catch (error) {
      if (!refusedSaying(error, /port is already allocated|address already in use/i)) throw error;
      // A refused connect may leave half an endpoint behind, which would pass for a connected one.
      await disconnectContainer(connection, outside, id, true);
      if (connection.clock.monotonic() > until) {
        const port = spec.publish.find(({ hostPort }) => String(error).includes(`:${hostPort}`)) ?? spec.publish[0];
        throw portTaken(spec, port, 'something else on the host', error);
      }
      await pause(RETRY_MS);
    }
  }
}

const RELEASE_MS = 3000;
const RETRY_MS = 5;

const isOn = (container: OwnContainer, network: string): boolean =>
  endpointsOf(container).some((endpoint) => endpoint.network === network);
