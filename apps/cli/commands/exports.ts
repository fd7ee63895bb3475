import type { ExportAnswer, ExportSummaryView } from '../api/export.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { bytesText, counted, timeText } from '../output/amounts.js';
import { table } from '../output/table.js';
import { exportOperationOf, fetchExport } from './exportVersion.js';
import { collected, examples, withSession, type Registration } from './command.js';

/** `waybill exports …`: packages that were written, and stay on the server until they are removed. */
export const exportList: Registration = (program, surroundings) => {
  const group = program.command('exports').description('packages that were exported, which stay on the server');
  examples(group, 'waybill exports list --state completed', 'waybill exports remove 2f1c…');
  group
    .command('list')
    .description('list exports, newest first')
    .option('--state <state>', 'writing, completed, failed or removed')
    .action(
      withSession(surroundings, async (session, { state }: { readonly state?: string }) => {
        const page = await allPages<ExportSummaryView>(session.client, '/exports', { state });
        session.show(page, () => exportsText(page.items));
      }),
    );
  group
    .command('fetch')
    .description('download the package of an export, waiting for it if need be')
    .argument('<export>')
    .option('-o, --output <folder>', 'where to put it; given again, further disks for parts (default: ".")', collected)
    .option('--parts <numbers>', 'of a split package only these, such as 1-4,7 or 5-')
    .action(
      withSession(
        surroundings,
        (session, id: string, { output, parts }: { readonly output?: readonly string[]; readonly parts?: string }) =>
          fetchExport(session, { id, operation: exportOperationOf(id) }, { folders: output, parts }),
      ),
    );
  group
    .command('remove')
    .description('remove an export and its file from the server')
    .argument('<export>')
    .action(
      withSession(surroundings, async (session, id: string) => {
        const answer = await session.client.delete<ExportAnswer>(pathTo('exports', id));
        session.show(answer, () => `export ${answer.id} is ${answer.state}\n`);
      }),
    );
};

const exportsText = (found: readonly ExportSummaryView[]): string =>
  found.length === 0
    ? 'There are none.\n'
    : table(
        ['export', 'state', 'template', 'version', 'format', 'size', 'requested', 'file'],
        found.map(({ id, state, template, version, format, file, failure, requested }) => [
          id,
          state,
          template,
          version,
          format,
          file === undefined
            ? ''
            : `${bytesText(file.size)}${file.parts === undefined ? '' : `, ${counted(file.parts.count, 'part')}`}`,
          timeText(requested),
          file?.name ?? failure?.message ?? '',
        ]),
      );
