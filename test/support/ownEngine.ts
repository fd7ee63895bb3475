import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { waitFor } from './waitFor.js';

const command = promisify(execFile);

/** A Docker Engine of a test's own, which it may kill: the one that all tests share must never be. Needs root and the program `dockerd`. */
export interface OwnEngine {
  /** Its `DOCKER_HOST`. */
  readonly host: string;
  readonly docker: Docker;
  /** Starts it on what it kept; resolves when it answers. */
  start(): Promise<void>;
  /** SIGKILL: its containers run on, as they do when a real one crashes. */
  kill(): Promise<void>;
  /** SIGTERM: it stops its containers first, as `systemctl restart docker` has it do. */
  stop(): Promise<void>;
  /** Takes everything of it away. */
  remove(): Promise<void>;
}

export async function startOwnEngine(): Promise<OwnEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-engine-'));
  const socketPath = join(folder, 'docker.sock');
  const docker = new Docker({ socketPath });
  let daemon: ChildProcess | undefined;

  async function start(): Promise<void> {
    // Killed, it leaves files behind that name processes of then, of which it would wait for the second.
    await rm(join(folder, 'pid'), { force: true });
    await rm(join(folder, 'exec', 'containerd', 'containerd.pid'), { force: true });
    const child = (daemon = launched(folder, socketPath));
    child.once('exit', () => (daemon = undefined));
    await waitFor('the engine to answer', async () => {
      if (child.exitCode !== null) throw new Error(`the engine ended:\n${await readFile(join(folder, 'log'), 'utf8')}`);
      return docker.ping().then(
        () => true,
        () => undefined,
      );
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (daemon === undefined) return;
    const exited = once(daemon, 'exit');
    daemon.kill(signal);
    await exited;
  }

  await start();
  return {
    host: `unix://${socketPath}`,
    docker,
    start,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async remove() {
      if (daemon === undefined) await start();
      for (const { Id } of await docker.listContainers({ all: true }))
        await docker.getContainer(Id).remove({ force: true, v: true });
      await docker.pruneNetworks();
      await end('SIGTERM');
      // A network in the making of which it was killed leaves a bridge in the kernel, and itself only in the engine's own notes.
      const notes = await readFile(join(folder, 'data', 'network', 'files', 'local-kv.db'), 'latin1');
      for (const bridge of new Set(notes.match(/br-[0-9a-f]{12}/g)))
        await command('ip', ['link', 'delete', bridge]).catch(() => undefined);
      // After a kill it leaves a mount of its own folder behind.
      const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
      for (const mount of mounts.reverse()) if (mount.startsWith(folder)) await command('umount', ['--lazy', mount]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Without firewall rules and the default bridge, over which two engines on one machine would fight. */
function launched(folder: string, socketPath: string): ChildProcess {
  const log = openSync(join(folder, 'log'), 'a');
  const folders = [
    '--data-root',
    join(folder, 'data'),
    '--exec-root',
    join(folder, 'exec'),
    '--pidfile',
    join(folder, 'pid'),
  ];
  const child = spawn('dockerd', [...folders, '-H', `unix://${socketPath}`, '--iptables=false', '--bridge=none'], {
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: [process.env['PATH'], '/usr/sbin', '/sbin'].join(delimiter) },
  });
  child.once('error', (error) => {
    throw new Error('the test needs the program dockerd, and root', { cause: error });
  });
  closeSync(log);
  return child;
}
