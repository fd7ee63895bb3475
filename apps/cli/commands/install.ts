import type { InstanceView } from '../api/instance.js';
import type { PlanView } from '../api/plan.js';
import type { TemplateView } from '../api/catalog.js';
import { pathTo } from '../client/client.js';
import { isServerProblem } from '../client/serverProblem.js';
import type { Session } from '../session.js';
import { settingOptions, settingsFrom, type SettingFlags } from '../settings/settingOptions.js';
import type { SettingRequest } from '../settings/assignment.js';
import { carryOut, type CarryOutOptions } from './carryOut.js';
import {
  examples,
  noWaitOption,
  reasonOption,
  waitOption,
  withSession,
  yesOption,
  type Registration,
} from './command.js';

interface Flags extends SettingFlags, CarryOutOptions {
  readonly name: string;
}

/** `waybill install`: an instance of a template, planned, shown, and started. */
export const install: Registration = (program, surroundings) => {
  const command = settingOptions(
    program
      .command('install')
      .description('install a template as a new instance; shows the plan first')
      .argument('<template>', 'key, or unambiguous name')
      .argument('[version]', 'the highest, when absent')
      .requiredOption('--name <name>', 'name of the instance'),
  )
    .addOption(reasonOption())
    .addOption(yesOption())
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(surroundings, async (session, template: string, version: string | undefined, flags: Flags) => {
        const settings = await settingsFrom(flags, surroundings.workingFolder);
        const instance = await createOrResume(session, { name: flags.name, template, version, settings });
        const plan = await session.client.post<PlanView>(pathTo('instances', instance.id, 'plans'), {
          kind: 'install',
          ...(version === undefined ? {} : { version }),
        });
        await carryOut(session, plan, flags);
      }),
    );
  examples(
    command,
    'waybill install backend-system --name shop',
    'waybill install backend-system 1.0 --name shop --set web.LOG_LEVEL=debug --publish web:80=8080 --yes',
  );
};

interface NewInstance {
  readonly name: string;
  readonly template: string;
  readonly version: string | undefined;
  readonly settings: readonly SettingRequest[];
}

/** An install that was planned but never begun is taken up again; a name that is in use otherwise stays refused. */
async function createOrResume(session: Session, wanted: NewInstance): Promise<InstanceView> {
  const { client } = session;
  const { name, template, version, settings } = wanted;
  try {
    return await client.post<InstanceView>('/instances', {
      name,
      template,
      settings,
      ...(version === undefined ? {} : { version }),
    });
  } catch (error) {
    if (!isServerProblem(error) || error.problem.code !== 'instance-name-taken') throw error;
    const present = await client.get<InstanceView>(pathTo('instances', name));
    const { key } = await client.get<TemplateView>(pathTo('templates', template));
    if (present.status !== 'created' || present.openRecord !== null || present.template.key !== key) throw error;
    session.remark(`Going on with "${present.name}", which was made before and not installed yet.`);
    if (settings.length > 0) await client.patch(pathTo('instances', present.id, 'settings'), { settings });
    return present;
  }
}
