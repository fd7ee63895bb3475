import { together, WaybillError } from '@waybill/kernel';
import type { UnitSpec } from '../runtime.js';
import type { Connection } from './connection.js';
import type { OwnContainer } from './containers.js';
import { refusedSaying } from './engineError.js';
import { isOn, joinInside, leaveInside } from './inside.js';
import { start, stop } from './lifecycle.js';
import { connectContainer, disconnectContainer, type Networks } from './networks.js';
import { pause } from './pause.js';
import { isPortInUse, portHolders } from './portHolder.js';

type Port = UnitSpec['publish'][number];

/** @throws WaybillError `port-taken` when something beside these containers holds a port of the specification */
export async function checkPorts(
  connection: Connection,
  spec: UnitSpec,
  concerned: readonly OwnContainer[],
): Promise<void> {
  const ours = new Set(concerned.map(({ name }) => name));
  for (const port of spec.publish) {
    const [holder] = await portHolders(connection, [port]);
    if (holder !== undefined && !ours.has(holder)) throw portTaken(spec, port, holder);
  }
}

/** Moves the host ports from some containers to others, with as short a gap as can be; the former lose the component's name too. */
export async function passPorts(
  connection: Connection,
  networks: Networks,
  spec: UnitSpec,
  from: readonly OwnContainer[],
  to: readonly OwnContainer[],
): Promise<void> {
  // The engine moves the ports of a container that leaves the outside to its inside endpoint, so it leaves the inside first.
  await together(from.map((container) => leaveInside(connection, networks, container)));
  const released = together(from.map((container) => closePorts(connection, networks, container)));
  await Promise.race([released, whenFree(connection, spec.publish)]);
  const [opened] = await Promise.allSettled([
    together(to.map((container) => openPorts(connection, networks, spec, container))),
    released,
  ]);
  await released;
  await together(from.map((container) => joinInside(connection, networks, container, false)));
  if (opened.status === 'rejected') throw opened.reason;
}

/** Closes a container's host ports, if it has any. One without ports keeps its way out. */
export async function closePorts(connection: Connection, networks: Networks, container: OwnContainer): Promise<void> {
  if (container.publishes && isOn(container, networks.outside.name)) {
    await disconnectContainer(connection, networks.outside.name, container.id);
  }
}

/**
 * Resolves when every port can be bound again: the engine is then still busy with the rest of the leaving, and the joining need not wait
 * for that. Never resolves where that cannot be seen; connecting too early would fail and leave the container's network half made.
 */
async function whenFree(connection: Connection, ports: readonly Port[]): Promise<void> {
  if (!connection.local) return new Promise(() => undefined);
  const until = connection.clock.monotonic() + connection.callTimeoutMs;
  while (connection.clock.monotonic() < until) {
    const inUse = await Promise.all(ports.map(({ hostPort, protocol }) => isPortInUse(hostPort, protocol)));
    if (!inUse.includes(true)) return;
    await pause(LOOK_MS);
  }
}

const LOOK_MS = 3;

async function openPorts(
  connection: Connection,
  networks: Networks,
  spec: UnitSpec,
  container: OwnContainer,
): Promise<void> {
  const outside = networks.outside.name;
  try {
    await connectContainer(connection, outside, container.id);
  } catch (error) {
    if (!refusedSaying(error, NOT_NOW)) throw error;
    await startAnew(connection, outside, container);
    await openPortsAgain(connection, outside, spec, container);
  }
}

const NOT_NOW = /already allocated|address already in use|conflicts with existing route/i;

async function openPortsAgain(
  connection: Connection,
  outside: string,
  spec: UnitSpec,
  container: OwnContainer,
): Promise<void> {
  try {
    await connectContainer(connection, outside, container.id);
  } catch (error) {
    if (!refusedSaying(error, NOT_NOW)) throw error;
    await startAnew(connection, outside, container);
    throw portTaken(spec, portIn(error, spec), 'something else on the host', error);
  }
}

/** A refused connect leaves an interface behind, which stands in the way of the next one until the container starts anew, without it. */
async function startAnew(connection: Connection, outside: string, container: OwnContainer): Promise<void> {
  await stop(connection, container);
  await disconnectContainer(connection, outside, container.id);
  await start(connection, container.id);
}

const portIn = (error: unknown, spec: UnitSpec): Port | undefined =>
  spec.publish.find(({ hostPort }) => String(error).includes(`:${hostPort} `)) ?? spec.publish[0];

const portTaken = (spec: UnitSpec, port: Port | undefined, holder: string, cause?: unknown): WaybillError =>
  new WaybillError(
    'port-taken',
    { port: port?.hostPort, holder, component: spec.componentName, containerPort: port?.containerPort },
    { cause },
  );
