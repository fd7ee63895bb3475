import { printable } from '@waybill/kernel';
import type { RunView } from '../api/run.js';
import { timeText } from './amounts.js';
import type { Names } from './recordText.js';
import { table } from './table.js';

/** Runs as a table, and what the last one that failed had to say. */
export function runsText(runs: readonly RunView[], names: Names): string {
  if (runs.length === 0) return 'Nothing has run at times, and no job.\n';
  const nameOf = ({ component }: RunView) => names.get(component) ?? component;
  const lines = table(
    ['component', 'due', 'status', 'exit', 'began', 'ended', 'why'],
    runs.map((run) => [
      nameOf(run),
      run.due === undefined ? 'job of a record' : timeText(run.due),
      run.status,
      run.exitCode === undefined ? '' : String(run.exitCode),
      run.startedAt === undefined ? '' : timeText(run.startedAt),
      run.endedAt === undefined ? '' : timeText(run.endedAt),
      `${run.reason ?? ''}${run.times !== undefined && run.times > 1 ? ` (${run.times} times)` : ''}`,
    ]),
  );
  const failed = runs.find(({ status, log }) => status === 'failed' && (log ?? '') !== '');
  const said =
    failed?.log
      ?.trimEnd()
      .split('\n')
      .map((line) => `  ${printable(line)}\n`)
      .join('') ?? '';
  return failed === undefined
    ? lines
    : `${lines}\nThe last lines of ${printable(nameOf(failed))}, which failed:\n${said}`;
}
