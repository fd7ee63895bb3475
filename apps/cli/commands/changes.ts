import { WaybillError } from '@waybill/kernel';
import type { InstanceView } from '../api/instance.js';
import type { PlanView } from '../api/plan.js';
import type { RecordView } from '../api/record.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { planText } from '../output/planText.js';
import type { Session } from '../session.js';
import { carryOut, type CarryOutOptions } from './carryOut.js';
import {
  acceptAllOption,
  acceptedBy,
  acceptOption,
  examples,
  noWaitOption,
  reasonOption,
  waitOption,
  withSession,
  yesOption,
  type AcceptFlags,
  type Registration,
} from './command.js';

const planOf = (session: Session, name: string, body: object): Promise<PlanView> =>
  session.client.post<PlanView>(pathTo('instances', name, 'plans'), body);

const upgradeTo = (version: string | undefined, flags: AcceptFlags) => ({
  kind: 'upgrade',
  accept: acceptedBy(flags),
  ...(version === undefined ? {} : { version }),
});

/** What can be done to instances that are installed. */
export const changes: Registration = (program, surroundings) => {
  const plan = program
    .command('plan')
    .description('what an upgrade would do and leave alone, and why; changes nothing')
    .argument('<instance>')
    .argument('[version]', 'the highest, when absent')
    .addOption(acceptOption())
    .addOption(acceptAllOption())
    .action(
      withSession(surroundings, async (session, name: string, version: string | undefined, flags: AcceptFlags) => {
        const { status } = await session.client.get<InstanceView>(pathTo('instances', name));
        const body = upgradeTo(version, flags);
        const made = await planOf(session, name, status === 'created' ? { ...body, kind: 'install' } : body);
        session.show(made, () => planText(made));
      }),
    );
  examples(plan, 'waybill plan shop', 'waybill plan shop 2.0 --accept web/env/LOG_LEVEL');

  const upgrade = program
    .command('upgrade')
    .description('go up to another version; shows the plan first')
    .argument('<instance>')
    .argument('[version]', 'the highest, when absent')
    .addOption(acceptOption())
    .addOption(acceptAllOption())
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(
        surroundings,
        async (session, name: string, version: string | undefined, flags: AcceptFlags & CarryOutOptions) =>
          carryOut(session, await planOf(session, name, upgradeTo(version, flags)), flags),
      ),
    );
  examples(
    upgrade,
    'waybill upgrade shop',
    "waybill upgrade shop 2.0 --accept web/env/LOG_LEVEL --accept 'db/file/*' --yes",
  );

  const rollback = program
    .command('rollback')
    .description('undo a record: back to what was before it; data stays; shows the plan first')
    .argument('<instance>')
    .argument('[record]', 'its id, or its number in the history; the last that completed, when absent')
    .option('--remove-added', 'remove components that were added since')
    .option('--restore-removed', 'bring back components that were removed since')
    .addOption(acceptOption())
    .addOption(acceptAllOption())
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(
        surroundings,
        async (session, name: string, record: string | undefined, flags: RollbackFlags & CarryOutOptions) =>
          carryOut(session, await rollbackPlan(session, name, record, flags), flags),
      ),
    );
  examples(rollback, 'waybill rollback shop', 'waybill rollback shop 2 --remove-added --yes');

  const apply = program
    .command('apply')
    .description('let the settings that wait take effect; shows the plan first')
    .argument('<instance>')
    .addOption(acceptOption())
    .addOption(acceptAllOption())
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(surroundings, async (session, name: string, flags: AcceptFlags & CarryOutOptions) =>
        carryOut(session, await planOf(session, name, { kind: 'reconfigure', accept: acceptedBy(flags) }), flags),
      ),
    );
  examples(apply, 'waybill apply shop --yes');

  const remove = program
    .command('remove')
    .description('end an instance; its volumes stay unless --volumes; shows the plan first')
    .argument('<instance>')
    .option('--volumes', 'delete its volumes too, and all data in them')
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(
        surroundings,
        async (session, name: string, flags: CarryOutOptions & { readonly volumes?: boolean }) =>
          carryOut(
            session,
            await planOf(session, name, { kind: 'remove', removeVolumes: flags.volumes === true }),
            flags,
          ),
      ),
    );
  examples(remove, 'waybill remove shop', 'waybill remove shop --volumes --yes');
};

interface RollbackFlags extends AcceptFlags {
  readonly removeAdded?: boolean;
  readonly restoreRemoved?: boolean;
}

async function rollbackPlan(
  session: Session,
  name: string,
  record: string | undefined,
  flags: RollbackFlags,
): Promise<PlanView> {
  const { removeAdded = false, restoreRemoved = false } = flags;
  const options = { accept: acceptedBy(flags), removeAdded, restoreRemoved };
  if (record === undefined) return planOf(session, name, { kind: 'rollback', ...options });
  const { id } = await session.client.get<InstanceView>(pathTo('instances', name));
  const { items } = await allPages<RecordView>(session.client, pathTo('instances', id, 'records'));
  const found = items.find((one) => one.id === record || String(one.number) === record);
  if (found === undefined) throw new WaybillError('record-not-found', { record: `${record} of "${name}"` });
  return session.client.post<PlanView>(pathTo('records', found.id, 'rollback-plan'), options);
}
