import { withoutUndefined, type CanonicalValue } from '@waybill/kernel';
import { same, pathsOf } from './compare.js';
import {
  kindOf,
  nameOf,
  type DesiredComponent,
  type EnvValue,
  type Item,
  type Origin,
  type PortValue,
} from './desired.js';
import { itemOf, publishedPorts, type PendingSetting, type Surroundings } from './draft.js';
import type { PlanItem, PlannedPort } from './plan.js';
import type { TemplateItems } from './templateItems.js';
import { decideItem, type Decision } from './threeWay.js';

export interface ComponentSides {
  readonly component: Omit<DesiredComponent, 'items'>;
  readonly base: TemplateItems;
  readonly theirs: TemplateItems;
  readonly ours: Readonly<Record<string, Item>>;
  readonly settings: readonly PendingSetting[];
  readonly accepted: (path: string) => boolean;
  readonly targetVersion: string;
}

export interface PlannedComponent {
  readonly component: DesiredComponent;
  readonly items: readonly PlanItem[];
  readonly ports: readonly PlannedPort[];
}

/** Plans one component: every item by its rule, the site's waiting settings over it, ports on the host for what is newly published. */
export function planComponent(sides: ComponentSides, surroundings: Surroundings): PlannedComponent {
  const items: PlanItem[] = [];
  const result: Record<string, Item> = {};
  const settings = new Map(sides.settings.map((setting) => [setting.path, setting]));
  for (const path of pathsOf(sides.base, sides.theirs, sides.ours, Object.fromEntries(settings))) {
    const planned = planPath(path, sides, settings.get(path));
    if (planned.result !== undefined) result[path] = planned.result;
    if (planned.item !== undefined) items.push(planned.item);
  }
  nameNewVolumes(result, sides.component.host, surroundings);
  publishPorts(result, sides.component, surroundings, items);
  const component = { ...sides.component, items: result };
  return { component, items, ports: publishedPorts(component) };
}

interface PlannedPath {
  readonly result: Item | undefined;
  readonly item?: PlanItem;
}

function planPath(path: string, sides: ComponentSides, setting: PendingSetting | undefined): PlannedPath {
  const ours = sides.ours[path];
  const theirs = sides.theirs[path];
  if (setting !== undefined) return applySetting(path, sides, setting);
  const decision = decideItem(path, { base: sides.base[path], theirs, ours }, sides.accepted(path));
  if (decision === undefined) return { result: ours };
  const origin: Origin = { kind: 'template', version: sides.targetVersion };
  const result = resultOf(decision, ours, origin);
  return {
    result: followScope(result, theirs),
    item: itemOf(sides.component, path, described(decision, ours, theirs)),
  };
}

/** What the item is afterwards: the target's value under its own origin, or what was there. */
export function resultOf(decision: Decision, ours: Item | undefined, origin: Origin): Item | undefined {
  if (decision.result === undefined) return undefined;
  return decision.verdict === 'change' ? { value: decision.result, origin } : ours;
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

/** A setting wins over both sides; it is told even when the target would have kept the old value. */
function applySetting(path: string, sides: ComponentSides, setting: PendingSetting): PlannedPath {
  const ours = sides.ours[path];
  const theirs = sides.theirs[path];
  const origin: Origin = { kind: 'site', event: setting.event, revision: setting.revision };
  const value = setting.value === null ? theirs : scoped(setting.value, ours?.value ?? theirs);
  if (value === undefined || (same(value, ours?.value) && !isSecret(value)))
    return { result: value === undefined ? undefined : { value, origin } };
  const told = withoutUndefined({
    verdict: 'change',
    action: ours === undefined ? 'add' : 'update',
    before: ours?.value,
    setBy: ours?.origin,
    after: value,
    target: same(theirs, value) ? undefined : theirs,
    rule: 'setting-applied',
    reason: 'set at this site',
    acceptable: false,
  } as const);
  const item = itemOf(sides.component, path, told);
  return {
    result: { value, origin: setting.value === null ? { kind: 'template', version: sides.targetVersion } : origin },
    item,
  };
}

/** A secret keeps its name when it gets a new value. */
const isSecret = (value: CanonicalValue): boolean => value !== null && typeof value === 'object' && 'secret' in value;

/** A site sets an environment variable's text; whom it is offered to stays the template's to say. */
function scoped(value: CanonicalValue, like: CanonicalValue | undefined): CanonicalValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || 'scope' in value) return value;
  if (!('text' in value) && !('secret' in value)) return value;
  return { ...value, scope: (like as EnvValue | undefined)?.scope ?? 'own' };
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

function publishPorts(
  items: Record<string, Item>,
  component: Omit<DesiredComponent, 'items'>,
  surroundings: Surroundings,
  told: PlanItem[],
): void {
  for (const [path, item] of Object.entries(items)) {
    if (kindOf(path) !== 'port') continue;
    const port = item.value as PortValue;
    const containerPort = Number(nameOf(path));
    if (!port.published || items[`publish/${containerPort}`] !== undefined) continue;
    const protocol = port.protocol === 'udp' ? 'udp' : 'tcp';
    const value = { hostPort: surroundings.freePort(component.key, containerPort, protocol), protocol } as const;
    items[`publish/${containerPort}`] = { value, origin: { kind: 'assigned' } };
    told.push(
      itemOf(component, `publish/${containerPort}`, {
        verdict: 'change',
        action: 'add',
        after: value,
        rule: 'assigned-here',
        reason: 'a free port of the host was chosen',
        acceptable: false,
      }),
    );
  }
}
