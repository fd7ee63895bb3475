import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVER_PROGRAM } from '../../deploy/setup/serverProgram.mjs';

export interface TestServer {
  readonly url: string;
  readonly adminToken: string;
  /** Its data folder; give it to a second start to go on where this one ended. */
  readonly data: string;
  readonly pid: number;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: what a loss of power does to a process. */
  kill(): Promise<void>;
  /** SIGSTOP: it stands still as a whole, with its connections open. */
  freeze(): void;
  /** SIGCONT: it goes on as if no time had passed. */
  thaw(): void;
  /** Resolves when the process is gone, whoever ended it. */
  readonly exited: Promise<void>;
  /** All it wrote so far: standard output and the log. */
  logs(): string;
}

/** What a server that does not come up leaves behind. */
export interface FailedStart {
  readonly exitCode: number | null;
  readonly logs: string;
}

export interface StartOptions {
  /** An existing data folder; a fresh one otherwise. */
  readonly data?: string;
  /** Known from an earlier start, when the data folder no longer tells it. */
  readonly adminToken?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const made: string[] = [];
const running = new Set<ChildProcess>();

/** Starts the built server (`npm run build` first) as a child process on a free port and waits until it listens. */
export async function startServer(options: StartOptions = {}): Promise<TestServer> {
  const data = options.data ?? (await freshFolder());
  const { child, logs, listening } = launch(data, options.env);
  const exited = once(child, 'exit').then(() => undefined);
  const url = await listening;
  if (url === undefined) throw new Error(`the server did not start (exit ${String(child.exitCode)}):\n${logs()}`);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  return {
    url,
    data,
    pid: child.pid ?? 0,
    logs,
    exited,
    adminToken: options.adminToken ?? (await readFile(join(data, 'admin-token'), 'utf8')).trim(),
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
  };
}

/** Starts the server where it is expected to refuse, and waits for its end. */
export async function startInVain(options: StartOptions): Promise<FailedStart> {
  const { child, logs, listening } = launch(options.data ?? (await freshFolder()), options.env);
  if ((await listening) !== undefined) throw new Error(`the server started:\n${logs()}`);
  return { exitCode: child.exitCode, logs: logs() };
}

/** Ends what still runs and removes the folders that were made; call it in `afterAll`. */
export async function cleanServers(): Promise<void> {
  for (const child of running) {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
  await Promise.all(made.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-test-'));
  made.push(folder);
  return folder;
}

/** Servers that run at the same time share the engine; each takes its subnets elsewhere. */
export const networkPool = (prefix: 20 | 22 = 22): string => {
  const step = 2 ** (24 - prefix);
  return `10.${String(randomInt(64, 256))}.${String(randomInt(256 / step) * step)}.0/${String(prefix)}`;
};

function launch(data: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [...SERVER_PROGRAM], {
    env: {
      ...process.env,
      WAYBILL_DATA: data,
      WAYBILL_LISTEN: '127.0.0.1:0',
      WAYBILL_NETWORK_POOL: networkPool(),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let written = '';
  const listening = new Promise<string | undefined>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      written += chunk.toString('utf8');
      const url = /Waybill listens on (\S+)\n/.exec(written)?.[1];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('exit', () => running.delete(child));
    // "close" comes when the pipes are drained as well: only then are the logs whole.
    child.once('close', () => {
      resolve(undefined);
    });
  });
  return { child, listening, logs: () => written };
}
