import { spawn } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../setup/dependencies.mjs';

const PROGRAM = path.join(ROOT, 'apps/cli/bin/waybill.mjs');

/** `waybill` as a person uses it, against one server. */
export function commandLine(env) {
  const start = (args, stdout) =>
    spawn(process.execPath, [PROGRAM, ...args], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', stdout, 'inherit'],
    });

  return {
    /** Shows the command line, runs it with its output on this terminal, and rejects when it fails. */
    async run(...args) {
      process.stdout.write(`\n$ waybill ${args.map(shellWord).join(' ')}\n`);
      const code = await new Promise((resolve, reject) => {
        const child = start(args, 'inherit');
        child.once('error', reject);
        child.once('close', resolve);
      });
      if (code !== 0) throw new Error(`waybill ${args[0]} ended with exit code ${String(code)}`);
    },

    /** The answer for programs, read and not shown. */
    async read(...args) {
      const child = start([...args, '--json'], 'pipe');
      const pieces = [];
      child.stdout.on('data', (piece) => pieces.push(piece));
      const code = await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('close', resolve);
      });
      if (code !== 0) throw new Error(`waybill ${args[0]} --json ended with exit code ${String(code)}`);
      return JSON.parse(Buffer.concat(pieces).toString('utf8'));
    },
  };
}

const shellWord = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);
