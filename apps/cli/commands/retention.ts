import { WaybillError } from '@waybill/kernel';
import type { CollectionView, RetentionView } from '../api/retention.js';
import { pathTo } from '../client/client.js';
import { bytesText, counted } from '../output/amounts.js';
import { collectionText } from '../output/collectionText.js';
import { examples, withSession, yesOption, type Registration } from './command.js';

interface CollectFlags {
  readonly dryRun?: boolean;
  readonly exportDays?: string;
  readonly yes?: boolean;
}

/** `waybill gc` and `waybill retention`: what stays stored, and for how long. */
export const retention: Registration = (program, surroundings) => {
  const gc = program
    .command('gc')
    .description('take out of the content store what nothing needs any more; shows it first')
    .option('--dry-run', 'only show it')
    .option('--export-days <days>', 'exported packages that were written longer ago go, too (30)')
    .addOption(yesOption())
    .action(
      withSession(surroundings, async (session, { dryRun, exportDays, yes = false }: CollectFlags) => {
        const body = exportDays === undefined ? {} : { exportDays: wholeNumber('--export-days', exportDays) };
        const tried = await session.client.post<CollectionView>('/content/collect', body, { dryRun: true });
        const isNothing = tried.content.length + tried.exports.length === 0;
        if (dryRun === true || isNothing) {
          session.show(tried, () => collectionText(tried));
          return;
        }
        if (!session.json) session.show(tried, () => collectionText(tried));
        await session.confirm(`Removing ${bytesText(tried.bytes)}`, yes);
        const done = await session.client.post<CollectionView>('/content/collect', body);
        session.show(done, () => `\n${goneText(done)}`);
      }),
    );
  examples(gc, 'waybill gc --dry-run', 'waybill gc --yes');

  const command = program
    .command('retention')
    .description('how far back a rollback of an instance must remain possible; shows it, or sets it')
    .argument('<instance>')
    .option('--records <number>', 'to before its last so many records')
    .option('--days <number>', 'and to before every record that ended in the last so many days')
    .action(
      withSession(
        surroundings,
        async (session, name: string, { records, days }: { readonly records?: string; readonly days?: string }) => {
          const path = `${pathTo('instances', name)}/retention`;
          const present = await session.client.get<RetentionView>(path);
          const wanted = {
            records: records === undefined ? present.records : wholeNumber('--records', records),
            days: days === undefined ? present.days : wholeNumber('--days', days),
          };
          const isAsked = records !== undefined || days !== undefined;
          const policy = isAsked ? await session.client.put<RetentionView>(path, wanted) : present;
          session.show(policy, () => retentionText(policy));
        },
      ),
    );
  examples(command, 'waybill retention shop', 'waybill retention shop --records 5 --days 365');
};

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new WaybillError('invalid-request', { reason: `${option} is a whole number.` });
  return Number(text);
}

const retentionText = ({ records, days }: RetentionView): string =>
  `It can be rolled back to before its last ${counted(records, 'record')}, and to before what ended in the last ${counted(days, 'day')}.\n`;

const goneText = ({ outcome, bytes, content, exports }: CollectionView): string =>
  outcome === 'nothing'
    ? 'There was nothing to collect any more.\n'
    : `Collected ${counted(content.length, 'layer or blob', 'layers or blobs')} and ${counted(exports.length, 'package')}: ${bytesText(bytes)}.\n`;
