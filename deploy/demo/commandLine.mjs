import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../setup/dependencies.mjs';

const PROGRAM = path.join(ROOT, 'apps/cli/bin/waybill.mjs');

/** `waybill` as a person uses it, against one server. */
export function commandLine(env) {
  let present;
  let stopped = false;

  /** Runs it to its end and answers what it wrote to a pipe. */
  async function ended(args, stdout) {
    if (stopped) throw new Error('the demonstration ends');
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', stdout, 'inherit'],
    });
    present = child;
    const pieces = [];
    child.stdout?.on('data', (piece) => pieces.push(piece));
    const code = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (code !== 0) throw new Error(`waybill ${args.join(' ')} ended with exit code ${String(code)}`);
    return Buffer.concat(pieces).toString('utf8');
  }

  return {
    /** Shows the command line, runs it with its output on this terminal, and rejects when it fails. */
    async run(...args) {
      process.stdout.write(`\n$ waybill ${args.map(shellWord).join(' ')}\n`);
      await ended(args, 'inherit');
    },

    /** The answer for programs, read and not shown. */
    read: async (...args) => JSON.parse(await ended([...args, '--json'], 'pipe')),

    /** Ends what runs, and lets nothing begin any more. */
    stop() {
      stopped = true;
      present?.kill('SIGTERM');
    },
  };
}

const shellWord = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);
