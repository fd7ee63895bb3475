import type { ImportAnswer, ImportSummaryView, ImportView } from '../api/import.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { timeText } from '../output/amounts.js';
import { importText } from '../output/inspectionText.js';
import { table } from '../output/table.js';
import { confirmImport, followImport } from './followImport.js';
import { begunText, examples, noWaitOption, waitOption, withSession, type Registration } from './command.js';

/** `waybill imports …`: what was imported, and what waits for a decision. */
export const imports: Registration = (program, surroundings) => {
  const group = program.command('imports').description('imports so far, and those that wait for a decision');
  examples(group, 'waybill imports list --state inspected', 'waybill imports confirm 2f1c…');
  group
    .command('list')
    .description('list imports, newest first')
    .option(
      '--state <state>',
      'collecting (parts are missing), reading, inspected, storing, cataloguing, completed, refused, failed or discarded',
    )
    .action(
      withSession(surroundings, async (session, { state }: { readonly state?: string }) => {
        const page = await allPages<ImportSummaryView>(session.client, '/imports', { state });
        session.show(page, () => importsText(page.items));
      }),
    );
  group
    .command('show')
    .description('show an import: what the package holds, and how it stands to the catalog')
    .argument('<import>')
    .action(
      withSession(surroundings, async (session, id: string) => {
        const view = await session.client.get<ImportView>(pathTo('imports', id));
        session.show(view, () => importText(view));
      }),
    );
  group
    .command('confirm')
    .description('take what was inspected into the catalog')
    .argument('<import>')
    .option('--version <number>', 'take it under this number')
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(
        surroundings,
        async (session, id: string, { version, wait }: { readonly version?: string; readonly wait: boolean }) => {
          const answer = await confirmImport(session, id, version);
          if (wait) await followImport(session, answer, { show: true, brief: true });
          else session.show(answer, () => begunText(answer.operation));
        },
      ),
    );
  group
    .command('discard')
    .description('give an import up; nothing of it stays')
    .argument('<import>')
    .action(
      withSession(surroundings, async (session, id: string) => {
        const answer = await session.client.delete<ImportAnswer>(pathTo('imports', id));
        session.show(answer, () => `import ${answer.id} is ${answer.state}\n`);
      }),
    );
};

const importsText = (found: readonly ImportSummaryView[]): string =>
  found.length === 0
    ? 'There are none.\n'
    : table(
        ['import', 'state', 'file', 'template', 'version', 'requested', 'outcome'],
        found.map(({ id, state, name, template, version, requested, outcome, failure, parts }) => [
          id,
          state,
          name,
          template?.name ?? '',
          version ?? '',
          timeText(requested),
          outcome ??
            failure?.message ??
            (state === 'collecting' && parts !== undefined
              ? `${String(parts.missing)} of ${String(parts.count)} parts are missing`
              : ''),
        ]),
      );
