import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WaybillError } from '@waybill/kernel';
import type { Logger } from 'pino';
import { application } from './application.js';
import type { Configuration } from './config/configuration.js';
import { boundConnections } from './http/connections.js';
import { openParts } from './openParts.js';

/** Milliseconds that requests under way may take to end. */
const DRAIN = 5_000;
/** Milliseconds between two looks for uploads that nobody came back for. */
const SWEEP = 3_600_000;

export interface RunningServer {
  readonly url: string;
  /** Made at this start, to be shown once. */
  readonly adminToken?: string;
  /** Takes no new request, lets those under way end, closes everything. */
  stop(): Promise<void>;
}

/** @throws WaybillError `store-locked`, `configuration-invalid`, and what opening the parts throws */
export async function startServer(configuration: Configuration, logger: Logger): Promise<RunningServer> {
  const opened = await openParts(configuration, logger);
  let app: NestExpressApplication | undefined;
  try {
    app = await application(opened.parts);
    const running = app;
    const server: Server = app.getHttpServer();
    boundConnections(server);
    await listen(server, configuration);
    const sweep = setInterval(() => {
      opened.parts.uploads
        .removeExpired()
        .catch((error: unknown) => logger.error({ err: error }, 'could not remove expired uploads'));
    }, SWEEP).unref();
    return {
      url: urlOf(server, configuration),
      ...(opened.adminToken === undefined ? {} : { adminToken: opened.adminToken }),
      async stop() {
        clearInterval(sweep);
        opened.stopping();
        await drain(server);
        await running.close();
        await opened.close();
      },
    };
  } catch (error) {
    await app?.close();
    await opened.close();
    throw error;
  }
}

function listen(server: Server, { listen: { host, port } }: Configuration): Promise<void> {
  return new Promise((resolve, reject) => {
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
}

function urlOf(server: Server, { listen: { host } }: Configuration): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const patience = new AbortController();
  await Promise.race([closed, delay(DRAIN, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  server.closeAllConnections();
  await closed;
}
