import { printable, WaybillError } from '@waybill/kernel';
import type { InstanceView, SettingView } from '../api/instance.js';
import type { Page } from '../api/page.js';
import type { PlanView } from '../api/plan.js';
import type { RecordView } from '../api/record.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { planText } from '../output/planText.js';
import { counted } from '../output/amounts.js';
import { shellWord } from '../output/shellWord.js';
import type { Session } from '../session.js';
import { settingOptions, settingsFrom, type SettingFlags } from '../settings/settingOptions.js';
import { carryOut, type CarryOutOptions } from './carryOut.js';
import {
  acceptOption,
  collected,
  examples,
  noWaitOption,
  reasonOption,
  withSession,
  yesOption,
  type Registration,
} from './command.js';

interface PlanFlags {
  readonly accept?: readonly string[];
}

const planOf = (session: Session, name: string, body: object): Promise<PlanView> =>
  session.client.post<PlanView>(pathTo('instances', name, 'plans'), body);

const upgradeTo = (version: string | undefined, { accept = [] }: PlanFlags) => ({
  kind: 'upgrade',
  accept,
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
    .action(
      withSession(surroundings, async (session, name: string, version: string | undefined, flags: PlanFlags) => {
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
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(noWaitOption())
    .action(
      withSession(
        surroundings,
        async (session, name: string, version: string | undefined, flags: PlanFlags & CarryOutOptions) =>
          carryOut(session, await planOf(session, name, upgradeTo(version, flags)), flags),
      ),
    );
  examples(upgrade, 'waybill upgrade shop', 'waybill upgrade shop 2.0 --accept web/env/LOG_LEVEL --yes');

  const rollback = program
    .command('rollback')
    .description('undo a record: back to what was before it; data stays; shows the plan first')
    .argument('<instance>')
    .argument('[record]', 'its id, or its number in the history; the last that completed, when absent')
    .option('--remove-added', 'remove components that were added since')
    .option('--restore-removed', 'bring back components that were removed since')
    .addOption(acceptOption())
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(noWaitOption())
    .action(
      withSession(
        surroundings,
        async (session, name: string, record: string | undefined, flags: RollbackFlags & CarryOutOptions) =>
          carryOut(session, await rollbackPlan(session, name, record, flags), flags),
      ),
    );
  examples(rollback, 'waybill rollback shop', 'waybill rollback shop 2 --remove-added --yes');

  const set = settingOptions(
    program
      .command('set')
      .description('say what the site wants; takes effect with `waybill apply` or the next upgrade')
      .argument('<instance>')
      .argument('[COMPONENT.ENV=VALUE...]', 'or an item: web/memory=256'),
  )
    .option('--unset <COMPONENT.ENV>', 'give a value back to the template', collected)
    .action(
      withSession(surroundings, async (session, name: string, assignments: readonly string[], flags: SettingFlags) => {
        const all = { ...flags, set: [...assignments, ...(flags.set ?? [])] };
        const settings = await settingsFrom(all, surroundings.workingFolder);
        if (settings.length === 0) throw new WaybillError('invalid-request', { reason: 'there is nothing to set.' });
        const found = await session.client.patch<Page<SettingView>>(pathTo('instances', name, 'settings'), {
          settings,
        });
        const { pending } = await session.client.get<InstanceView>(pathTo('instances', name));
        session.show(found, () => waitingText(name, pending.length));
      }),
    );
  examples(
    set,
    'waybill set shop web.LOG_LEVEL=debug web.MOTD="a=b: c.d"',
    'waybill set shop web/memory=256 --set-file db:/etc/my.cnf=./my.cnf',
  );

  const apply = program
    .command('apply')
    .description('let the settings that wait take effect; shows the plan first')
    .argument('<instance>')
    .addOption(acceptOption())
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(noWaitOption())
    .action(
      withSession(surroundings, async (session, name: string, flags: PlanFlags & CarryOutOptions) =>
        carryOut(session, await planOf(session, name, { kind: 'reconfigure', accept: flags.accept ?? [] }), flags),
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

interface RollbackFlags extends PlanFlags {
  readonly removeAdded?: boolean;
  readonly restoreRemoved?: boolean;
}

async function rollbackPlan(
  session: Session,
  name: string,
  record: string | undefined,
  { accept = [], removeAdded = false, restoreRemoved = false }: RollbackFlags,
): Promise<PlanView> {
  const options = { accept, removeAdded, restoreRemoved };
  if (record === undefined) return planOf(session, name, { kind: 'rollback', ...options });
  const { id } = await session.client.get<InstanceView>(pathTo('instances', name));
  const { items } = await allPages<RecordView>(session.client, pathTo('instances', id, 'records'));
  const found = items.find((one) => one.id === record || String(one.number) === record);
  if (found === undefined) throw new WaybillError('record-not-found', { record: `${record} of "${name}"` });
  return session.client.post<PlanView>(pathTo('records', found.id, 'rollback-plan'), options);
}

function waitingText(name: string, waiting: number): string {
  return `${counted(waiting, 'setting')} of "${printable(name)}" ${waiting === 1 ? 'waits' : 'wait'}. Take effect with: waybill apply ${shellWord(printable(name))}\n`;
}
