import type { OriginView, SettingView } from '../api/instance.js';
import { valueText } from './itemText.js';
import { table } from './table.js';

export const settingsText = (settings: readonly SettingView[]): string =>
  settings.length === 0
    ? 'There are no settings.\n'
    : table(
        ['setting', 'value', 'set by', 'waiting'],
        settings.map(({ item, path, value, setBy, pending }) => [
          item,
          value === undefined ? '' : valueText(path, value),
          setBy === undefined ? '' : setByText(setBy),
          pending === undefined ? '' : pending === null ? "the template's value" : valueText(path, pending),
        ]),
      );

function setByText({ kind, version }: OriginView): string {
  switch (kind) {
    case 'template':
      return `template ${version ?? ''}`.trim();
    case 'site':
      return 'this site';
    case 'assigned':
      return 'Waybill';
  }
}
