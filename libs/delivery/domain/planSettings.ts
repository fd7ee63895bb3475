import type { TemplateItems } from '@waybill/packaging';
import { applySetting } from './applySetting.js';
import type { DesiredComponent, Item } from './desired.js';
import type { PendingSetting, Surroundings } from './draft.js';
import type { PlanItem, PlanWarning } from './plan.js';

/**
 * A component that the plan would leave as `planned`, with the settings over it that wait for it.
 * @param told the plan's items so far; what a setting decides replaces what was told of its item
 * @param now what runs, where that is something else than `planned`
 */
export function withSettings(
  planned: DesiredComponent,
  settings: readonly PendingSetting[],
  surroundings: Pick<Surroundings, 'freePort'>,
  told: PlanItem[],
  { now = planned.items, theirs = {} }: { now?: Readonly<Record<string, Item>>; theirs?: TemplateItems } = {},
): DesiredComponent {
  const { items: before, ...component } = planned;
  const items: Record<string, Item> = { ...before };
  const sides = { component, theirs, ours: now, targetVersion: component.version };
  for (const setting of settings) {
    if (setting.component !== component.key) continue;
    const { result, item } = applySetting(setting, sides, surroundings);
    if (result === undefined) Reflect.deleteProperty(items, setting.path);
    else items[setting.path] = result;
    const place = told.findIndex(({ id }) => id === `${component.key}/${setting.path}`);
    if (place !== -1) told.splice(place, 1);
    if (item !== undefined) told.push(item);
  }
  return { ...planned, items };
}

/** Settings that wait for a component that will not be there. */
export const settingsWithoutComponent = (
  settings: readonly PendingSetting[],
  components: Readonly<Record<string, unknown>>,
): readonly PlanWarning[] =>
  settings
    .filter(({ component }) => components[component] === undefined)
    .map(({ component, path }) => ({
      code: 'setting-without-component',
      subject: component,
      message: `the setting ${path} waits for it, and will wait no longer: it is not part of what is planned.`,
    }));
