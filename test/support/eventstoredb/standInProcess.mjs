// A stand-in in a process of its own, so that it can really be killed and frozen, and several processes can share it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { ORDERS } from './control.mjs';

const SERVE = fileURLToPath(new URL('./serve.mjs', import.meta.url));

/** @param {{ folder: string, port?: number }} options */
export async function startStandInProcess({ folder, port = 0 }) {
  let running = await launch(folder, port);
  const order =
    (name) =>
    async (...args) => {
      const answer = await fetch(`http://127.0.0.1:${running.port}/stand-in/${name}`, {
        method: 'POST',
        body: JSON.stringify(args),
      });
      if (answer.status !== 204) throw new Error(`the stand-in refused ${name}: ${answer.status}`);
    };
  const kill = async () => {
    if (running.child.exitCode !== null || running.child.signalCode !== null) return;
    running.child.kill('SIGKILL');
    await once(running.child, 'exit');
  };
  return {
    ...Object.fromEntries(ORDERS.map((name) => [name, order(name)])),
    port: running.port,
    connectionString: running.connectionString,
    kill,
    async restart() {
      await kill();
      running = await launch(folder, running.port);
    },
    stop: kill,
    freeze: async () => void running.child.kill('SIGSTOP'),
    thaw: async () => void running.child.kill('SIGCONT'),
  };
}

async function launch(folder, port) {
  const child = spawn(process.execPath, [SERVE, '--port', String(port), '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the stand-in ended with ${code}`)));
  const [line] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone]);
  gone.catch(() => undefined);
  return { child, ...JSON.parse(line).ready };
}
