import type { OriginView, SettingEntryView, SettingView, WhoView } from '../api/instance.js';
import { timeText } from './amounts.js';
import { valueText } from './itemText.js';
import { table } from './table.js';

export const settingsText = (settings: readonly SettingView[]): string =>
  settings.length === 0
    ? 'There are no settings.\n'
    : table(
        ['setting', 'value', 'set by', 'template', 'waiting'],
        settings.map((setting) => [
          setting.item,
          setting.value === undefined ? '' : valueText(setting.path, setting.value),
          setting.setBy === undefined ? '' : setByText(setting.setBy),
          templateText(setting),
          waitingText(setting),
        ]),
      );

const templateText = ({ path, template, editable }: SettingView): string =>
  template === undefined ? '' : `${valueText(path, template)}${editable ? '' : ' (fixed)'}`;

function waitingText({ path, pending, pendingSetBy }: SettingView): string {
  if (pending === undefined) return '';
  const value = pending === null ? "the template's value" : valueText(path, pending);
  return pendingSetBy === undefined ? value : `${value} (${whoText(pendingSetBy.by, pendingSetBy.at)})`;
}

const whoText = ({ account, channel }: WhoView, at: string): string => `${account}, ${channel}, ${timeText(at)}`;

/** `this site (maria, cli, 2026-03-01 12:00:00)`; `template 2.0, accepted`. */
export function setByText({ kind, version, accepted, by, at }: OriginView): string {
  switch (kind) {
    case 'template':
      return `template ${version ?? ''}`.trim() + (accepted === true ? ', accepted' : '');
    case 'site':
      return by === undefined || at === undefined ? 'this site' : `this site (${whoText(by, at)})`;
    case 'assigned':
      return 'Waybill';
  }
}

const acts: Readonly<Record<SettingEntryView['act'], string>> = {
  set: 'set',
  'given-back': 'given back',
  withdrawn: 'withdrawn',
  'took-effect': 'took effect',
};

/** Who set what when, oldest first. */
export const settingHistoryText = (entries: readonly SettingEntryView[]): string =>
  entries.length === 0
    ? 'Nothing has set it yet.\n'
    : table(
        ['when', 'setting', 'what', 'value', 'by', 'through'],
        entries.map((entry) => [
          timeText(entry.at),
          entry.item,
          acts[entry.act],
          valuesText(entry),
          `${entry.by.account} (${entry.by.channel})`,
          entry.record === undefined
            ? ''
            : `${entry.record.kind} #${String(entry.record.number)}: ${entry.reason ?? entry.rule ?? ''}`,
        ]),
      );

function valuesText({ act, path, before, value }: SettingEntryView): string {
  if (act === 'given-back') return "the template's value";
  if (act === 'withdrawn') return '';
  const after = value === undefined ? 'nothing' : valueText(path, value);
  return act === 'set' || before === undefined ? after : `${valueText(path, before)} → ${after}`;
}
