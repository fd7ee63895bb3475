import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastLines } from './aptPackages.mjs';
import { whyNotAnswering } from './dockerHost.mjs';
import { chooseFirewall } from './firewall.mjs';
import { findProgram } from './programs.mjs';
import { SetupError } from './command.mjs';

/** One private engine per machine: two daemons would fight over bridges and firewall rules. */
const DATA = '/var/lib/waybill-engine';
const RUN = '/run/waybill-engine';
const SOCKET = path.join(RUN, 'docker.sock');
const PID_FILE = path.join(RUN, 'dockerd.pid');
const EXEC_ROOT = path.join(RUN, 'exec');
const CONTAINERD_PID_FILE = path.join(EXEC_ROOT, 'containerd', 'containerd.pid');
const LOG = path.join(DATA, 'dockerd.log');
const START_DEADLINE_MS = 90_000;

export const PRIVATE_DOCKER_HOST = `unix://${SOCKET}`;

/** The file whose lock a starter holds; makes its folder. */
export function privateEngineLockFile() {
  mkdirSync(RUN, { recursive: true, mode: 0o711 });
  return path.join(RUN, 'start.lock');
}

/** Starts the private engine, or waits for the one that is starting. The caller holds the lock and found no answer on the socket. */
export async function startPrivateEngine({ log }) {
  mkdirSync(DATA, { recursive: true, mode: 0o711 });
  const isRunning = () => ownProcesses('dockerd').length > 0;
  if (isRunning()) {
    log('The private engine is running but does not answer yet; waiting for it');
    await waitUntilServing(isRunning);
    return;
  }
  clearRemains();
  const firewall = await chooseFirewall(path.join(RUN, 'iptables'), { log });
  log(`Starting a private engine in ${DATA} (log: ${LOG})`);
  const daemon = spawnDaemon(firewall);
  const alive = () => daemon.pid !== undefined && daemon.exitCode === null && daemon.signalCode === null;
  try {
    await waitUntilServing(alive);
  } catch (error) {
    if (alive()) daemon.kill('SIGTERM');
    throw error;
  }
}

function spawnDaemon(firewall) {
  if (existsSync(LOG)) renameSync(LOG, `${LOG}.1`);
  const log = openSync(LOG, 'a', 0o600);
  const args = ['--data-root', DATA, '--exec-root', EXEC_ROOT, '--pidfile', PID_FILE, '-H', PRIVATE_DOCKER_HOST];
  // Its own session and no pipe to us: it outlives the starter and the starter's terminal.
  const daemon = spawn(findProgram('dockerd'), [...args, ...firewall.args], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, PATH: firewall.path },
  });
  daemon.on('error', () => undefined);
  daemon.unref();
  closeSync(log);
  return daemon;
}

async function waitUntilServing(isAlive) {
  const deadline = Date.now() + START_DEADLINE_MS;
  let reason = 'it did not answer';
  while (isAlive() && Date.now() < deadline) {
    const silent = await whyNotAnswering(PRIVATE_DOCKER_HOST, { timeoutMs: 2000 });
    if (silent === undefined) return;
    reason = silent;
    await delay(100);
  }
  const what = isAlive() ? `does not serve after ${START_DEADLINE_MS / 1000} s (${reason})` : 'ended while starting';
  throw new SetupError(`The private engine ${what}. The end of ${LOG}:\n${endOfLog()}`);
}

/** Without the daemon's talk about its own wiring, which is most of what it writes. */
function endOfLog() {
  const lines = existsSync(LOG) ? readFileSync(LOG, 'utf8').split('\n') : [];
  return lastLines(lines.filter((line) => !/ level=(info|debug) /.test(line)).join('\n'));
}

/**
 * After a kill or a reboot the pid files may name a process that has nothing to do with the engine; dockerd would then refuse to
 * start, or take that process for its containerd.
 */
function clearRemains() {
  rmSync(PID_FILE, { force: true });
  rmSync(SOCKET, { force: true });
  const containerd = existsSync(CONTAINERD_PID_FILE)
    ? Number.parseInt(readFileSync(CONTAINERD_PID_FILE, 'utf8'), 10)
    : 0;
  if (!ownProcesses('containerd').includes(containerd)) rmSync(CONTAINERD_PID_FILE, { force: true });
}

/** The living processes of that program which work on our folders. A daemon that is just starting has no pid file yet. */
function ownProcesses(program) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandLine(pid);
      return path.basename(words[0] ?? '') === program && words.some((word) => word.includes(`${RUN}/`));
    });
}

/** Empty for a process that is gone or only waits to be reaped. */
function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return [];
    throw error;
  }
}
