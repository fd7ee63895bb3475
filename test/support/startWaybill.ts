import { spawn, type ChildProcess } from 'node:child_process';
import { waybillProgram } from './waybill.js';

/** A command line at work. */
export interface RunningCli {
  readonly process: ChildProcess;
  /** All it wrote so far. */
  out(): string;
  err(): string;
  /** Its exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

export interface CliOptions {
  readonly env: Readonly<Record<string, string>>;
  /** Give it a terminal of so many columns, in which both of its streams appear as `out`. */
  readonly columns?: number;
}

/** Starts the built command line (`npm run build` first). */
export function startWaybill(args: readonly string[], { env, columns }: CliOptions): RunningCli {
  const command = [process.execPath, waybillProgram, ...args];
  // util-linux's `script` makes the terminal; `-f` passes on at once what is written to it.
  const line = `stty cols ${columns ?? 80}; exec ${command.map((word) => `'${word}'`).join(' ')}`;
  const [file = '', ...rest] = columns === undefined ? command : ['script', '-qefc', line, '/dev/null'];
  const child = spawn(file, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => (written.out += piece.toString('utf8')));
  child.stderr.on('data', (piece: Buffer) => (written.err += piece.toString('utf8')));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { process: child, ended, out: () => written.out, err: () => written.err };
}
