import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logFailure, runAsCommand, SetupError } from '../setup/command.mjs';
import { ensureEngine } from '../setup/engine.mjs';
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
  let server;
  let waybill;
  let succeeded = false;
  try {
    server = await startServer({ data, dockerHost });
    waybill = commandLine({ WAYBILL_URL: server.url, WAYBILL_DATA: data, WAYBILL_TOKEN: '' });
    const engine = engineCalls(dockerHost);
    await Promise.race([carryThrough({ instance, waybill, engine, host: hostOfEngine(dockerHost) }), interrupted]);
    succeeded = true;
  } finally {
    if (!succeeded) {
      if (server !== undefined) process.stderr.write(`\nThe last lines of the server's log:\n${server.logTail()}\n`);
      await cleanUp({ instance, server, waybill, dockerHost }).catch(logFailure);
    }
    await server?.stop();
    await rm(data, { recursive: true, force: true });
  }
  process.stdout.write(
    'The server is stopped and its data is deleted. The images stay on the engine; they do no harm.\n',
  );
}

/** Rejects when the person, or the one who runs this, wants it to end. */
function interruption() {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.once(signal, () => reject(new SetupError(`Ended by ${signal}; cleaning up.`)));
  });
}

/** Takes the instance off the engine after a failure, by Waybill's labels when Waybill itself cannot do it. */
async function cleanUp({ instance, server, waybill, dockerHost }) {
  if (server === undefined || waybill === undefined || !server.running()) return;
  const found = (await waybill.read('list')).items.find(({ name }) => name === instance);
  if (found === undefined) return;
  // A rollout that is under way would make things again; the server is stopped before anything is taken away.
  await server.stop();
  const removed = await engineCalls(dockerHost).sweep(found.id);
  process.stderr.write(`Removed ${String(removed)} things of "${instance}" from the engine.\n`);
}

await runAsCommand(demo);
