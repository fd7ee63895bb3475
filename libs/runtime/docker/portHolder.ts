import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { call } from './call.js';
import type { Connection } from './connection.js';

interface Listed {
  readonly Names: readonly string[];
  readonly Ports: readonly { readonly PublicPort?: number; readonly Type: string }[];
}

/** A port of the host. */
interface HostPort {
  readonly hostPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** For each port the name of the container that holds it, or words for another program; undefined when nothing is known to hold it. */
export async function portHolders(
  connection: Connection,
  ports: readonly HostPort[],
): Promise<readonly (string | undefined)[]> {
  if (ports.length === 0) return [];
  const running = await call<readonly Listed[]>(connection, {
    action: 'list containers',
    method: 'GET',
    path: '/containers/json',
  });
  return Promise.all(ports.map((port) => holderAmong(running, connection, port)));
}

async function holderAmong(
  running: readonly Listed[],
  connection: Connection,
  { hostPort, protocol }: HostPort,
): Promise<string | undefined> {
  const holder = running.find(({ Ports }) =>
    Ports.some((port) => port.PublicPort === hostPort && port.Type === protocol),
  );
  if (holder !== undefined) return holder.Names[0]?.replace(/^\//, '') ?? 'a container';
  if (!connection.local) return undefined;
  return (await isPortInUse(hostPort, protocol)) ? 'another program on the host' : undefined;
}

/** Is the port of this machine in use, whoever has it? */
export const isPortInUse = async (port: number, protocol: 'tcp' | 'udp'): Promise<boolean> =>
  (await tryPort(port, protocol, '0.0.0.0')) || (await tryPort(port, protocol, '::'));

/** Only "in use" counts: a port we may not open ourselves, or a protocol the host lacks, says nothing. */
const tryPort = (port: number, protocol: 'tcp' | 'udp', address: string): Promise<boolean> =>
  protocol === 'tcp' ? tryTcp(port, address) : tryUdp(port, address);

const isInUse = (error: unknown): boolean => (error as { code?: unknown }).code === 'EADDRINUSE';

function tryTcp(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(isInUse(error)));
    server.listen({ port, host, ipv6Only: true }, () => server.close(() => resolve(false)));
  });
}

function tryUdp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket({ type: address === '::' ? 'udp6' : 'udp4', ipv6Only: address === '::' });
    socket.once('error', (error) => {
      socket.close();
      resolve(isInUse(error));
    });
    socket.bind(port, address, () => socket.close(() => resolve(false)));
  });
}
