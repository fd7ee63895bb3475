import { spawn } from 'node:child_process';
import { findProgram, searchPath } from './programs.mjs';
import { SetupError } from './command.mjs';

/**
 * Runs `work` while no other process on this machine holds the same lock file, waiting for its turn.
 * The kernel's file lock is held by a child that ends when our end of its pipe closes, so a killed starter never leaves a lock behind.
 */
export async function withMachineLock(file, work) {
  const flock = findProgram('flock');
  if (flock === undefined)
    throw new SetupError('The program flock (package util-linux) is needed to set up an engine.');
  const holder = spawn(flock, ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, PATH: searchPath() },
  });
  const ended = new Promise((resolve) => holder.on('close', resolve));
  holder.stdin.on('error', () => undefined);
  await new Promise((resolve, reject) => {
    holder.stdout.once('data', resolve);
    holder.once('error', reject);
    holder.once('exit', (code) => reject(new SetupError(`Could not lock ${file} (flock ended with ${String(code)}).`)));
  });
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
