import { withoutUndefined, type CanonicalValue } from '@waybill/kernel';
import type { TemplateItems } from '@waybill/packaging';
import { same } from './compare.js';
import {
  kindOf,
  nameOf,
  type DesiredComponent,
  type EnvValue,
  type Item,
  type Origin,
  type PortValue,
  type PublishValue,
} from './desired.js';
import { itemOf, type PendingSetting, type Surroundings } from './draft.js';
import type { PlanItem } from './plan.js';

/** The component whose setting it is, what the target's template says of it, and what runs of it. */
export interface SettingSides {
  readonly component: Omit<DesiredComponent, 'items'>;
  readonly theirs: TemplateItems;
  readonly ours: Readonly<Record<string, Item>>;
  readonly targetVersion: string;
}

export interface PlannedPath {
  readonly result: Item | undefined;
  readonly item?: PlanItem;
}

/** A setting wins over both sides; it is told even when the target would have kept the old value. */
export function applySetting(
  setting: PendingSetting,
  sides: SettingSides,
  surroundings: Pick<Surroundings, 'freePort'>,
): PlannedPath {
  const { path } = setting;
  const ours = sides.ours[path];
  const theirs = sides.theirs[path];
  const result =
    kindOf(path) === 'publish' ? publishedAs(setting, sides, surroundings) : valueOf(setting, sides, theirs, ours);
  const before = ours?.value;
  const after = result?.value;
  // A secret keeps its name when it gets a new value.
  const differs = !same(before, after) || isSecret(after);
  if (!differs && ours?.origin.kind === result?.origin.kind) return { result };
  const told = withoutUndefined({
    verdict: 'change',
    action: before === undefined ? 'add' : after === undefined ? 'remove' : 'update',
    before,
    setBy: ours?.origin,
    after,
    target: same(theirs, after) ? undefined : theirs,
    rule: 'setting-applied',
    reason: `${setting.value === null ? 'given back to the template' : 'set at this site'}${differs ? '' : '; the value is the same'}`,
    acceptable: false,
  } as const);
  return { result, item: itemOf(sides.component, path, told) };
}

const siteOrigin = ({ event, revision }: PendingSetting): Origin => ({ kind: 'site', event, revision });

function valueOf(
  setting: PendingSetting,
  { targetVersion }: SettingSides,
  theirs: CanonicalValue | undefined,
  ours: Item | undefined,
): Item | undefined {
  if (setting.value !== null)
    return { value: scoped(setting.value, theirs ?? ours?.value), origin: siteOrigin(setting) };
  return theirs === undefined ? undefined : { value: theirs, origin: { kind: 'template', version: targetVersion } };
}

/** Which port of the host it is: the one that is asked for, any free one (the present one when it was such), or none. */
function publishedAs(
  setting: PendingSetting,
  { component, theirs, ours }: SettingSides,
  { freePort }: Pick<Surroundings, 'freePort'>,
): Item | undefined {
  const [containerPort = ''] = nameOf(setting.path).split('/');
  const port = [ours[`port/${containerPort}`]?.value, theirs[`port/${containerPort}`]] as readonly (
    PortValue | undefined
  )[];
  const wanted = setting.value ?? port.some((one) => one?.published === true);
  if (wanted === false) return setting.value === null ? undefined : { value: false, origin: siteOrigin(setting) };
  if (wanted !== true) return { value: wanted, origin: siteOrigin(setting) };
  const present = ours[setting.path];
  if (present?.origin.kind === 'assigned') return present;
  const protocol = port.some((one) => one?.protocol === 'udp') ? 'udp' : 'tcp';
  const value: PublishValue = { hostPort: freePort(component.key, Number(containerPort), protocol), protocol };
  return { value, origin: { kind: 'assigned' } };
}

const isSecret = (value: CanonicalValue | undefined): boolean =>
  value !== null && typeof value === 'object' && 'secret' in value;

/** A site sets an environment variable's text; whom it is offered to stays the template's to say. */
function scoped(value: CanonicalValue, like: CanonicalValue | undefined): CanonicalValue {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || 'scope' in value) return value;
  if (!('text' in value) && !('secret' in value)) return value;
  return { ...value, scope: (like as EnvValue | undefined)?.scope ?? 'own' };
}
