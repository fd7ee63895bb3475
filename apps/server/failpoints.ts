import { appendFileSync, readFileSync } from 'node:fs';
import { listenToFailpoints } from '@waybill/kernel';
import type { Logger } from 'pino';

/**
 * For tests of what a kill leaves behind (docs/reliability.md). Every passing of a failpoint is appended to the file as a line. While
 * `<file>.kill` holds an order, this process ends by SIGKILL at the passing that the order names: `<passing>#<n>`, the n-th since the order
 * was given, or `<passing>#<n> > <other>`, the first of another one after that.
 * @param file absent: nothing listens
 */
export function obeyFailpoints(file: string | undefined, logger: Logger): void {
  if (file === undefined || file === '') return;
  logger.warn({ file }, 'this server dies at failpoints when told to: it is for tests only');
  let order = '';
  let isDue = executioner(order);
  listenToFailpoints((passing) => {
    appendFileSync(file, `${passing}\n`);
    const present = orderIn(`${file}.kill`);
    if (present !== order) [order, isDue] = [present, executioner(present)];
    if (isDue(passing)) process.kill(process.pid, 'SIGKILL');
  });
}

/** Counts passings from the moment an order is given, and tells of each whether it is the one to die at. */
export function executioner(order: string): (passing: string) => boolean {
  const [, first, n, other] = /^(.+?)#(\d+)(?: > (.+))?$/.exec(order) ?? [];
  let left = Number(n ?? Infinity);
  return (passing) => {
    if (left <= 0) return passing === other;
    if (passing === first) left -= 1;
    return left <= 0 && other === undefined;
  };
}

function orderIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
