import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { hasCode, WaybillError } from '@waybill/kernel';
import type { Logger } from 'pino';
import type { Configuration } from './config/configuration.js';
import { PROBLEM_TYPE, RETRY_AFTER, problemOf } from './http/problem.js';

/** Milliseconds between two attempts; every attempt waits for a while itself. */
const PAUSE = 1_000;

/**
 * Opens the event store, however long it takes to come. Meanwhile the server's address answers that the process lives and is not ready, and
 * 503 to everything else, so that whoever watches it sees why.
 * @throws what is not about the store being away
 */
export async function waitForStore<T>(
  { listen }: Pick<Configuration, 'listen'>,
  logger: Logger,
  open: () => Promise<T>,
): Promise<T> {
  let waiting: Server | undefined;
  try {
    for (;;) {
      try {
        return await open();
      } catch (error) {
        if (!hasCode(error, 'store-unavailable')) throw error;
        logger.warn({ err: error }, 'the server waits for the event store');
        waiting ??= await answering(listen, logger);
        await delay(PAUSE);
      }
    }
  } finally {
    await closed(waiting);
  }
}

async function answering({ host, port }: Configuration['listen'], logger: Logger): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new WaybillError(
          'configuration-invalid',
          { name: 'WAYBILL_LISTEN', reason: `${host}:${port} cannot be listened on (${error.code ?? error.message}).` },
          { cause: error },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  logger.info({ host, port: taken }, 'the server answers that it is not ready');
  return server;
}

const REASON = 'it has not answered since this server was started.';

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  response.setHeader('Cache-Control', 'no-store');
  if (path === '/api/v1/health/live') {
    send(response, 200, 'application/json; charset=utf-8', { status: 'live' });
    return;
  }
  response.setHeader('Retry-After', String(RETRY_AFTER));
  if (path === '/api/v1/health/ready')
    send(response, 503, 'application/json; charset=utf-8', {
      status: 'unready',
      checks: [{ name: 'event-store', ok: false, reason: `The event store cannot be reached: ${REASON}` }],
    });
  else {
    const error = new WaybillError('store-unavailable', { reason: REASON });
    send(response, 503, PROBLEM_TYPE, problemOf(error, { path, correlationId: 'starting' }));
  }
}

function send(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { 'Content-Type': type });
  response.end(JSON.stringify(body));
}

async function closed(server: Server | undefined): Promise<void> {
  if (server === undefined) return;
  const end = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await end;
}
