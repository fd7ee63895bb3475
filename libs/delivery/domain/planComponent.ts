import { withoutUndefined, type CanonicalValue } from '@waybill/kernel';
import type { TemplateItems } from '@waybill/packaging';
import { applySetting, type PlannedPath, type SettingSides } from './applySetting.js';
import { pathsOf } from './compare.js';
import { kindOf, nameOf, type DesiredComponent, type EnvValue, type Item } from './desired.js';
import { itemOf, type PendingSetting, type Surroundings } from './draft.js';
import type { PlanItem } from './plan.js';
import { publishPorts } from './publishing.js';
import { decideItem, type Decision } from './threeWay.js';

export interface ComponentSides extends SettingSides {
  readonly base: TemplateItems;
  readonly settings: readonly PendingSetting[];
  readonly accepted: (path: string) => boolean;
}

export interface PlannedComponent {
  readonly component: DesiredComponent;
  readonly items: readonly PlanItem[];
}

/** Plans one component: every item by its rule, the site's waiting settings over it, ports on the host for what is newly published. */
export function planComponent(sides: ComponentSides, surroundings: Surroundings): PlannedComponent {
  const items: PlanItem[] = [];
  const result: Record<string, Item> = {};
  const settings = new Map(sides.settings.map((setting) => [setting.path, setting]));
  for (const path of pathsOf(sides.base, sides.theirs, sides.ours, Object.fromEntries(settings))) {
    const setting = settings.get(path);
    const planned = setting === undefined ? planPath(path, sides) : applySetting(setting, sides, surroundings);
    if (planned.result !== undefined) result[path] = planned.result;
    if (planned.item !== undefined) items.push(planned.item);
  }
  nameNewVolumes(result, sides.component.host, surroundings);
  publishPorts(result, sides.component, surroundings, items);
  return { component: { ...sides.component, items: result }, items };
}

function planPath(path: string, sides: ComponentSides): PlannedPath {
  const ours = sides.ours[path];
  const theirs = sides.theirs[path];
  const decision = decideItem(path, { base: sides.base[path], theirs, ours }, sides.accepted(path));
  if (decision === undefined) return { result: ours };
  return {
    result: followScope(resultOf(decision, ours, sides.targetVersion), theirs),
    item: itemOf(sides.component, path, described(decision, ours, theirs)),
  };
}

/** What the item is afterwards: the target's value as the target's, or what was there. */
export function resultOf(decision: Decision, ours: Item | undefined, version: string): Item | undefined {
  if (decision.result === undefined) return undefined;
  if (decision.verdict !== 'change') return ours;
  const accepted = decision.rule === 'accepted' ? ({ accepted: true } as const) : {};
  return { value: decision.result, origin: { kind: 'template', version, ...accepted } };
}

/** The decision as an item of the plan tells it. */
export function described(
  decision: Decision,
  ours: Item | undefined,
  theirs: CanonicalValue | undefined,
): Omit<PlanItem, 'id' | 'component' | 'path'> {
  const { result: after, ...told } = decision;
  const target = told.verdict === 'change' ? undefined : theirs;
  return withoutUndefined({ ...told, before: ours?.value, setBy: ours?.origin, after, target });
}

function followScope(result: Item | undefined, theirs: CanonicalValue | undefined): Item | undefined {
  if (result === undefined || theirs === undefined) return result;
  const scope = (theirs as Partial<EnvValue> | null)?.scope;
  const value = result.value as Partial<EnvValue> | null;
  if (scope === undefined || value?.scope === undefined || value.scope === scope) return result;
  return { ...result, value: { ...value, scope } };
}

function nameNewVolumes(items: Record<string, Item>, host: string, surroundings: Surroundings): void {
  for (const [path, item] of Object.entries(items)) {
    if (kindOf(path) !== 'volume') continue;
    const value = item.value as { name: string; kind: 'persistent' | 'memory'; engine?: string };
    if (value.engine === undefined)
      items[path] = { ...item, value: { ...value, engine: surroundings.volumeName(host, value.name, nameOf(path)) } };
  }
}
