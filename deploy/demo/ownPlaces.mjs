import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

/**
 * A port that nobody listens on here, out of a range that neither Waybill's own choice nor outgoing connections use: another server on the same
 * engine may be choosing at this moment too.
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(24_000, 32_000);
    if (await isFree(port)) return port;
  }
}

async function isFree(port) {
  const server = net.createServer().listen(port);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}

/** A part of Waybill's usual network pool for this run alone, for the same reason. */
export const ownNetworkPool = () => `10.213.${String(randomInt(64, 256))}.0/24`;
