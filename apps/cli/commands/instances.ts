import type { InstanceSummaryView, InstanceView, LiveComponentView } from '../api/instance.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { ending } from '../ending.js';
import { conditionsText, instancesText, instanceText } from '../output/instanceText.js';
import { table } from '../output/table.js';
import { examples, withSession, type Registration } from './command.js';

/** What can be asked about instances. */
export const instances: Registration = (program, surroundings) => {
  const list = program
    .command('list')
    .description('list instances')
    .option('--removed', 'removed ones too')
    .action(
      withSession(surroundings, async (session, { removed }: { readonly removed?: boolean }) => {
        const page = await allPages<InstanceSummaryView>(session.client, '/instances', { removed });
        session.show(page, () => instancesText(page.items));
      }),
    );
  examples(list, 'waybill list');

  const show = program
    .command('show')
    .description('one instance: its components, what runs of them, and where they answer')
    .argument('<instance>')
    .action(
      withSession(surroundings, async (session, name: string) => {
        const view = await session.client.get<InstanceView>(pathTo('instances', name));
        session.show(view, () => instanceText(view));
      }),
    );
  examples(show, 'waybill show shop');

  const state = program
    .command('state')
    .description('the instance as it was at a time, replayed from its events')
    .argument('<instance>')
    .requiredOption('--at <time>', 'RFC 3339, such as 2026-03-01T00:00:00Z')
    .action(
      withSession(surroundings, async (session, name: string, { at }: { readonly at: string }) => {
        const view = await session.client.get<InstanceView>(pathTo('instances', name, 'state'), { at });
        session.show(view, () => instanceText(view));
      }),
    );
  examples(state, 'waybill state shop --at 2026-03-01T00:00:00Z');

  const drift = program
    .command('drift')
    .description('what the engine has, compared with what the log says')
    .argument('<instance>')
    .action(
      withSession(surroundings, async (session, name: string) => {
        const found = await session.client.get<{ inStep: boolean; components: readonly LiveComponentView[] }>(
          pathTo('instances', name, 'drift'),
        );
        const sentence = found.inStep ? 'The engine has what the log says.' : 'The engine has NOT what the log says.';
        session.show(found, () => `${sentence}\n\n${conditionsText(found.components)}`);
        if (!found.inStep) throw ending(3, 'The engine has not what the log says.');
      }),
    );
  examples(drift, 'waybill drift shop');

  const upgrades = program
    .command('upgrades')
    .description('versions that an instance can go up to')
    .argument('<instance>')
    .action(
      withSession(surroundings, async (session, name: string) => {
        const found = await session.client.get<{
          current: string | null;
          upgrades: readonly { version: string; manifest: string }[];
        }>(pathTo('instances', name, 'upgrades'));
        session.show(found, () =>
          found.upgrades.length === 0
            ? `There is nothing newer than ${found.current ?? 'nothing'}.\n`
            : table(
                ['version', 'manifest'],
                found.upgrades.map(({ version, manifest }) => [version, manifest]),
              ),
        );
      }),
    );
  examples(upgrades, 'waybill upgrades shop');
};
