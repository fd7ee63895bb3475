import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logFailure, runAsCommand, SetupError } from '../setup/command.mjs';
import { ensureEngine } from '../setup/engine.mjs';
import { freePort, ownNetworkPool } from './ownPlaces.mjs';
import { commandLine } from './commandLine.mjs';
import { engineCalls, hostOfEngine } from './engineCalls.mjs';
import { startServer } from './server.mjs';
import { carryThrough } from './story.mjs';

const USAGE = `npm run demo

Starts a server with the embedded store on a free port, and carries a real application from a package file over install and upgrade to
rollback, on a real Docker Engine. Everything it made is removed at the end, but for the images on the engine.
`;

/** Runs the story and cleans up after it, however it ends. */
async function demo() {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(USAGE);
    return;
  }
  const dockerHost = await ensureEngine();
  const instance = `demo-${randomBytes(3).toString('hex')}`;
  const data = await mkdtemp(path.join(tmpdir(), 'waybill-demo-'));
  const interrupted = interruption();
  const parts = { instance, dockerHost };
  let succeeded = false;
  try {
    await Promise.race([play(parts, data), interrupted]);
    succeeded = true;
  } finally {
    if (!succeeded) await cleanUp(parts).catch(logFailure);
    await parts.server?.stop();
    await rm(data, { recursive: true, force: true });
  }
  process.stdout.write(
    'The server is stopped and its data is deleted. The images stay on the engine; they do no harm.\n',
  );
}

async function play(parts, data) {
  const { instance, dockerHost } = parts;
  const server = await startServer({ data, dockerHost, networkPool: ownNetworkPool() });
  parts.server = server;
  parts.waybill = commandLine({ WAYBILL_URL: server.url, WAYBILL_DATA: data, WAYBILL_TOKEN: '' });
  process.stdout.write(`A server with the embedded store listens on ${server.url}; the engine is ${dockerHost}.\n`);
  await carryThrough({
    instance,
    port: await freePort(),
    waybill: parts.waybill,
    engine: engineCalls(dockerHost),
    host: hostOfEngine(dockerHost),
  });
}

/** Rejects when the person, or the one who runs this, wants it to end. */
function interruption() {
  const interrupted = new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.once(signal, () => reject(new SetupError(`Ended by ${signal}; cleaning up.`)));
  });
  interrupted.catch(() => undefined);
  return interrupted;
}

/** Takes the instance off the engine after a failure, by its labels, since Waybill itself may be what failed. */
async function cleanUp({ instance, dockerHost, server, waybill }) {
  waybill?.stop();
  // A rollout that is under way would make things again: the server ends before anything is taken away.
  await server?.stop();
  if (server !== undefined) process.stderr.write(`\nThe last lines of the server's log:\n${server.logTail()}\n`);
  const removed = await engineCalls(dockerHost).sweep(instance);
  process.stderr.write(`Removed what was left of "${instance}" on the engine: ${String(removed)} things.\n`);
}

await runAsCommand(demo);
