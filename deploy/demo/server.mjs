import { spawn } from 'node:child_process';
import { SERVER_PROGRAM } from '../setup/serverProgram.mjs';

const LINES_KEPT = 200;

/** Starts the built server on a free port, with more of an environment where that is given, and waits until it listens. Rejects with what it wrote when it does not. */
export async function startServer({ data, dockerHost, networkPool, env = {} }) {
  const child = spawn(process.execPath, SERVER_PROGRAM, {
    env: {
      ...process.env,
      WAYBILL_DATA: data,
      WAYBILL_LISTEN: '127.0.0.1:0',
      WAYBILL_EVENTSTORE: '',
      DOCKER_HOST: dockerHost,
      WAYBILL_NETWORK_POOL: networkPool,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is for the demonstration, which ends the server itself when all is cleaned up.
    detached: true,
  });
  let log = '';
  const ended = new Promise((resolve) => child.once('close', resolve));
  const logTail = () => log.split('\n').slice(-40).join('\n');
  const url = await new Promise((resolve, reject) => {
    const take = (piece) => {
      log = (log + piece.toString('utf8')).split('\n').slice(-LINES_KEPT).join('\n');
      const listening = /Waybill listens on (\S+)\n/.exec(log);
      if (listening !== null) resolve(listening[1]);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`the server ended with ${String(code)}:\n${logTail()}`)));
  });
  return {
    url,
    pid: child.pid,
    logTail,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
