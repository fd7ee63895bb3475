import { printable } from '@waybill/kernel';
import type { RecordView } from '../api/record.js';
import { timeText } from './amounts.js';
import { facts } from './facts.js';
import { table } from './table.js';

/** Names of components by key. */
export type Names = ReadonlyMap<string, string>;

/** `1.0 → 2.0`. */
export const versionsText = ({ from, to }: Pick<RecordView, 'from' | 'to'>): string =>
  [from?.version ?? 'nothing', to?.version ?? 'nothing'].join(' → ');

/** One sentence on how a record ended, and what a component that failed had to say. */
export function outcomeText(record: RecordView, names: Names): string {
  return [`${sentence(record)}\n`, ...failures(record, names)].join('');
}

function sentence(record: RecordView): string {
  const what = `${record.kind} (record ${record.id})`;
  switch (record.status) {
    case 'completed':
      return `Done: ${what}${durationText(record)}.`;
    case 'reverted':
      return `Reverted: ${what} failed, and all is as it was before.`;
    case 'failed':
      return `Failed: ${what}. Not everything could be brought back; \`waybill drift\` says what the engine has.`;
    case 'proposed':
    case 'running':
    case 'reverting':
      return `The ${what} is ${record.status}.`;
  }
}

function durationText({ startedAt, endedAt }: RecordView): string {
  if (startedAt === undefined || endedAt === undefined) return '';
  return `, in ${((Date.parse(endedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
}

const failures = (record: RecordView, names: Names): readonly string[] =>
  record.components
    .filter(({ status }) => status === 'failed')
    .map(({ component, reason = 'no reason is known', log = '' }) => {
      const lines = log.split('\n').filter((line) => line.trim() !== '');
      const said = lines.slice(-20).map((line) => `    | ${printable(line)}\n`);
      const intro = said.length === 0 ? '  It had written nothing.\n' : '  The last it wrote:\n';
      return `\n${printable(names.get(component) ?? component)}: ${printable(reason)}\n${intro}${said.join('')}`;
    });

/** Everything about one record. */
export function recordText(record: RecordView, names: Names): string {
  const serving = new Map(record.result?.map(({ component, serving: which }) => [component, which]));
  return [
    facts([
      ['Record', `${record.id} (number ${record.number} of the instance)`],
      ['Kind', record.kind],
      ['Status', record.status],
      ['Versions', versionsText(record)],
      ['Undoes', record.undoes],
      ['Reason', record.reason],
      ['Failure', record.failure],
      ['Proposed', `${timeText(record.proposedAt)} by ${record.proposedBy.account} (${record.proposedBy.channel})`],
      ['Started', record.startedAt === undefined ? undefined : timeText(record.startedAt)],
      ['Ended', record.endedAt === undefined ? undefined : timeText(record.endedAt)],
      ['Plan', record.plan],
    ]),
    record.components.length === 0 ? '' : '\n',
    record.components.length === 0
      ? ''
      : table(
          ['component', 'status', 'serves', 'at'],
          record.components.map(({ component, status, at }) => [
            names.get(component) ?? component,
            status,
            serving.get(component) ?? '',
            timeText(at),
          ]),
        ),
    ...failures(record, names),
  ].join('');
}

/** The history of an instance, oldest first. */
export const historyText = (records: readonly RecordView[]): string =>
  records.length === 0
    ? 'Nothing has been done with it yet.\n'
    : table(
        ['#', 'when', 'kind', 'versions', 'status', 'by', 'reason', 'record'],
        records.map((record) => [
          String(record.number),
          timeText(record.proposedAt),
          record.kind,
          versionsText(record),
          record.status,
          record.proposedBy.account,
          record.reason ?? record.failure ?? '',
          record.id,
        ]),
      );
