import type { RecordView } from '../api/record.js';
import type { PlanView } from '../api/plan.js';
import { pathTo } from '../client/client.js';
import { followOperation } from '../follow.js';
import { showOutcome } from './carryOut.js';
import { followImport } from './followImport.js';
import { examples, withSession, type Registration } from './command.js';

/** `waybill operation`: watches what was begun elsewhere, or before a Ctrl-C. */
export const operations: Registration = (program, surroundings) => {
  const command = program
    .command('operation')
    .description('follow an operation to its end')
    .argument('<operation>', 'import-…, record-…, rebuild-…')
    .action(
      withSession(surroundings, async (session, id: string) => {
        const view = await followOperation(session, id);
        const subject = id.slice(id.indexOf('-') + 1);
        switch (view.kind) {
          case 'record': {
            const record = await session.client.get<RecordView>(pathTo('records', subject));
            const plan = await session.client.get<PlanView>(pathTo('plans', record.plan));
            return showOutcome(session, subject, plan);
          }
          case 'import':
            await followImport(session, { id: subject, operation: id }, { show: true });
            return;
          default:
            session.show(view, () => `${view.id} is ${view.state} (${view.detail})\n`);
        }
      }),
    );
  examples(command, 'waybill operation record-4be0643f-1d98-573b-97cd-ca98a65347dd');
};
