import { nearest, printable, WaybillError } from '@waybill/kernel';
import type { SettingEntryView, SettingView } from '../api/instance.js';
import type { Page } from '../api/page.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { counted } from '../output/amounts.js';
import { settingHistoryText, settingsText } from '../output/settingsText.js';
import { shellWord } from '../output/shellWord.js';
import type { Session } from '../session.js';
import { envItem, type SettingRequest } from '../settings/assignment.js';
import { settingOptions, settingsFrom, type SettingFlags } from '../settings/settingOptions.js';
import { collected, examples, withSession, type Registration } from './command.js';

interface SetFlags extends SettingFlags {
  readonly withdraw?: readonly string[];
  readonly dryRun?: boolean;
}

/** What a site owns: asked for, told, and told since when. */
export const settings: Registration = (program, surroundings) => {
  const show = program
    .command('settings')
    .description('what the site owns: values, who set them, and what waits for `waybill apply`')
    .argument('<instance>')
    .option('--history [item]', 'who set what when, of every setting or of one: web.LOG_LEVEL')
    .action(
      withSession(surroundings, async (session, name: string, { history }: { readonly history?: string | true }) => {
        if (history !== undefined) return showHistory(session, name, history);
        const found = await session.client.get<Page<SettingView>>(pathTo('instances', name, 'settings'));
        session.show(found, () => settingsText(found.items));
      }),
    );
  examples(show, 'waybill settings shop', 'waybill settings shop --history web.LOG_LEVEL');

  const set = settingOptions(
    program
      .command('set')
      .description('say what the site wants; takes effect with `waybill apply` or the next upgrade')
      .argument('<instance>')
      .argument('[COMPONENT.ENV=VALUE...]', 'or an item: web/memory=256'),
  )
    .option('--unset <COMPONENT.ENV>', 'give a value back to the template; may be given again', collected)
    .option(
      '--withdraw <COMPONENT.ENV>',
      'take back what waits; what is in effect stays; may be given again',
      collected,
    )
    .option('--dry-run', 'check everything, change nothing')
    .action(
      withSession(surroundings, async (session, name: string, assignments: readonly string[], flags: SetFlags) => {
        const wanted = await settingsFrom(
          { ...flags, set: [...assignments, ...(flags.set ?? [])] },
          surroundings.workingFolder,
        );
        const withdraw = (flags.withdraw ?? []).map((left) => envItem(left));
        if (wanted.length + withdraw.length === 0)
          throw new WaybillError('invalid-request', { reason: 'there is nothing to set.' });
        const found = await session.client.patch<Page<SettingView>>(
          pathTo('instances', name, 'settings'),
          { settings: wanted, withdraw },
          { dryRun: flags.dryRun },
        );
        for (const remark of newVariables(wanted, found.items)) session.remark(remark);
        const waiting = found.items.filter(({ pending }) => pending !== undefined).length;
        session.show(found, () => waitingText(name, waiting, flags.dryRun === true));
      }),
    );
  examples(
    set,
    'waybill set shop web.LOG_LEVEL=debug web.MOTD="a=b: c.d"',
    'waybill set shop web/memory=256 web/replicas=2 --publish web:80=auto --set-file db:/etc/my.cnf=./my.cnf',
    'waybill set shop --unset web.LOG_LEVEL --withdraw web/memory',
  );
};

async function showHistory(session: Session, name: string, item: string | true): Promise<void> {
  const page = await allPages<SettingEntryView>(
    session.client,
    pathTo('instances', name, 'settings', 'history'),
    item === true ? {} : { item: envItem(item) },
  );
  session.show(page, () => settingHistoryText(page.items));
}

/** A variable that nothing knows may be meant, or a slip of the pen. */
function newVariables(wanted: readonly SettingRequest[], settings: readonly SettingView[]): readonly string[] {
  return wanted.flatMap(({ item, value }) => {
    const found = settings.find((one) => namesOf(one).includes(item));
    if (value === null || found?.value !== undefined || found?.template !== undefined) return [];
    if (found?.path.startsWith('env/') !== true) return [];
    const others = settings
      .filter(
        ({ component, path, template }) =>
          component.key === found.component.key && path !== found.path && template !== undefined,
      )
      .map(({ path }) => path);
    const near = nearest(found.path, others);
    return [
      `${printable(found.item)} is new: the template has no such variable.${near.length === 0 ? '' : ` Did you mean ${near.map((path) => path.slice('env/'.length)).join(' or ')}?`}`,
    ];
  });
}

const namesOf = ({ item, component, path }: SettingView): readonly string[] => [
  item,
  `${component.name}/${path}`,
  `${component.key}/${path}`,
];

function waitingText(name: string, waiting: number, dryRun: boolean): string {
  const counts = `${counted(waiting, 'setting')} of "${printable(name)}"`;
  if (dryRun) return `This can be set. ${counts} would wait.\n`;
  if (waiting === 0) return `No setting of "${printable(name)}" waits.\n`;
  return `${counts} ${waiting === 1 ? 'waits' : 'wait'}. Take effect with: waybill apply ${shellWord(printable(name))}\n`;
}
