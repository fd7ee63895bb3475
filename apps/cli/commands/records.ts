import type { InstanceView } from '../api/instance.js';
import type { Page } from '../api/page.js';
import type { RecordView } from '../api/record.js';
import type { RunView } from '../api/run.js';
import type { PlanView } from '../api/plan.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { historyText, recordText } from '../output/recordText.js';
import { runsText } from '../output/runsText.js';
import { examples, withSession, type Registration } from './command.js';

/** What was done to instances. */
export const records: Registration = (program, surroundings) => {
  const history = program
    .command('history')
    .description('everything that was done to an instance, failures too; oldest first')
    .argument('<instance>')
    .action(
      withSession(surroundings, async (session, name: string) => {
        const { id } = await session.client.get<InstanceView>(pathTo('instances', name));
        const page = await allPages<RecordView>(session.client, pathTo('instances', id, 'records'));
        session.show(page, () => historyText(page.items));
      }),
    );
  examples(history, 'waybill history shop');

  const runs = program
    .command('runs')
    .description('what ran at its times, and the jobs of rollouts: exit codes, what was skipped and why; latest first')
    .argument('<instance>')
    .option('--limit <number>', 'how many, at most 200', '20')
    .action(
      withSession(surroundings, async (session, name: string, { limit }: { readonly limit: string }) => {
        const { id, components } = await session.client.get<InstanceView>(pathTo('instances', name));
        const path = `${pathTo('instances', id, 'runs')}?limit=${encodeURIComponent(limit)}`;
        const page = await session.client.get<Page<RunView>>(path);
        session.show(page, () => runsText(page.items, new Map(components.map(({ key, name: one }) => [key, one]))));
      }),
    );
  examples(runs, 'waybill runs shop', 'waybill runs shop --limit 200 --json');

  const record = program
    .command('record')
    .description('one record: what was done to each component, and why it failed')
    .argument('<record>')
    .action(
      withSession(surroundings, async (session, id: string) => {
        const found = await session.client.get<RecordView>(pathTo('records', id));
        const plan = session.json ? undefined : await session.client.get<PlanView>(pathTo('plans', found.plan));
        session.show(found, () =>
          recordText(found, new Map(plan?.steps.map(({ component, name }) => [component, name]))),
        );
      }),
    );
  examples(record, 'waybill record 4be0643f-1d98-573b-97cd-ca98a65347dd');
};
