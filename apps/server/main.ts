import 'reflect-metadata';
import { catalogue, isWaybillError } from '@waybill/kernel';
import { printableConfiguration, readConfiguration } from './config/configuration.js';
import { obeyFailpoints } from './failpoints.js';
import { logging } from './logging.js';
import { startServer } from './server.js';

/** Milliseconds after which a server that does not come to its end is ended. */
const LAST = 9_500;

async function main(): Promise<void> {
  const configuration = readConfiguration(process.env, process.cwd());
  const logger = logging(configuration.logLevel);
  obeyFailpoints(process.env['WAYBILL_FAILPOINTS'], logger);
  logger.info({ settings: printableConfiguration(configuration) }, 'the server starts');
  const server = await startServer(configuration, logger);
  if (server.adminToken !== undefined)
    process.stdout.write(
      `The administrator's token, shown this once and written to ${configuration.data}/admin-token:\n${server.adminToken}\n`,
    );
  process.stdout.write(`Waybill listens on ${server.url}\n`);
  logger.info({ url: server.url }, 'the server listens');

  const crash = (error: unknown) => {
    logger.fatal({ err: error }, 'the server met a failure that nobody handles, and ends');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'the server stops');
    setTimeout(() => process.exit(1), LAST).unref();
    server.stop().then(
      () => {
        logger.info('the server has stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'the server could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  const known = isWaybillError(error);
  process.stderr.write(`${known ? error.message : `The server cannot start: ${String((error as Error).stack)}`}\n`);
  process.exit(known ? catalogue[error.code].exit : 1);
});
