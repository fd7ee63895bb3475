import type { InstanceView } from '../api/instance.js';
import type { RecordView } from '../api/record.js';
import type { PlanView } from '../api/plan.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { historyText, recordText } from '../output/recordText.js';
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
