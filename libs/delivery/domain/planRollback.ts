import { withoutUndefined, type CanonicalValue } from '@waybill/kernel';
import type { TemplateItems } from '@waybill/packaging';
import { pathsOf, same } from './compare.js';
import { kindOf, type Desired, type DesiredComponent, type Item } from './desired.js';
import { itemOf, publishedPorts, type Draft, type PendingSetting, type Surroundings } from './draft.js';
import { secretIn } from './instanceState.js';
import type { PlanItem, PlanRule } from './plan.js';
import { settingsWithoutComponent, withSettings } from './planSettings.js';
import { changedSecrets, type SecretsBack } from './rollbackSecrets.js';
import { secretSetBy, secretsOf } from './secretsOf.js';

export interface RollbackInput {
  readonly now: Desired;
  /** What was desired just before the record that is undone. */
  readonly then: Desired;
  /** Place of that record's proposal in the instance's stream: what the site set later is its own. */
  readonly since: number;
  readonly accept: ReadonlySet<string>;
  /** They take effect with every plan, with this one too. */
  readonly settings: readonly PendingSetting[];
  /** What the version that it goes back to says of a component: what a setting that is given back comes to. */
  readonly template: (component: DesiredComponent) => TemplateItems;
  readonly removeAdded: boolean;
  readonly restoreRemoved: boolean;
}

/** Plans the way back: from what is now to what was then, leaving alone data, what the site set since, and components that came or went. */
export function planRollback(
  input: RollbackInput,
  surroundings: Pick<Surroundings, 'secretVersion' | 'freePort' | 'content'>,
): Draft {
  const { now, then, settings } = input;
  const items: PlanItem[] = [];
  const components: Record<string, DesiredComponent> = {};
  const secretsBack = changedSecrets(input);
  const context = { ...input, secretsBack };
  for (const key of pathsOf(now.components, then.components)) {
    const planned = planOne(now.components[key], then.components[key], context, items);
    if (planned === undefined) continue;
    const sides = { now: now.components[key]?.items ?? {}, theirs: input.template(planned) };
    components[key] = withSettings(planned, settings, surroundings, items, sides);
  }
  const shared = planItems(undefined, now.shared, then.shared, context, items);
  const secrets = secretsOf(
    { components, shared },
    {
      content: surroundings.content,
      secretVersion: (name) => {
        const back =
          secretsBack.get(name) === 'back' || now.secrets[name] === undefined ? then.secrets[name] : undefined;
        const waits = settings.some((setting) => secretSetBy(setting, now) === name);
        return back === undefined || waits ? surroundings.secretVersion(name) : { ...back, stored: true };
      },
    },
  );
  return {
    desired: { ...then, components, shared, secrets: secrets.all },
    items,
    ports: Object.values(components).flatMap(publishedPorts),
    secrets: secrets.added,
    warnings: settingsWithoutComponent(settings, components),
  };
}

interface Context extends RollbackInput {
  readonly secretsBack: SecretsBack;
}

function planOne(
  now: DesiredComponent | undefined,
  then: DesiredComponent | undefined,
  input: Context,
  items: PlanItem[],
): DesiredComponent | undefined {
  if (now === undefined) {
    if (then === undefined) return undefined;
    items.push(came(then, input.restoreRemoved));
    return input.restoreRemoved ? then : undefined;
  }
  if (then === undefined) {
    items.push(went(now, input.removeAdded));
    return input.removeAdded ? undefined : now;
  }
  return { ...then, host: now.host, items: planItems(now, now.items, then.items, input, items) };
}

const summary = (component: DesiredComponent): CanonicalValue => ({ name: component.name, host: component.host });

const went = (component: DesiredComponent, removed: boolean): PlanItem =>
  itemOf(component, 'component', {
    verdict: removed ? 'change' : 'keep',
    action: 'remove',
    before: summary(component),
    ...(removed ? {} : { after: summary(component) }),
    rule: removed ? 'undone' : 'added-stays',
    reason: removed
      ? 'added since, and its removal was asked for'
      : `added by version ${component.version}; it keeps running (--remove-added takes it away)`,
    acceptable: false,
  });

const came = (component: DesiredComponent, restored: boolean): PlanItem =>
  itemOf(component, 'component', {
    verdict: restored ? 'change' : 'keep',
    action: 'add',
    ...(restored ? { after: summary(component) } : {}),
    rule: restored ? 'undone' : 'removed-stays-removed',
    reason: restored
      ? 'removed since, and its return was asked for'
      : 'removed since; it stays removed (--restore-removed brings it back)',
    acceptable: false,
  });

function planItems(
  component: DesiredComponent | undefined,
  now: Readonly<Record<string, Item>>,
  then: Readonly<Record<string, Item>>,
  input: Context,
  told: PlanItem[],
): Readonly<Record<string, Item>> {
  const result: Record<string, Item> = {};
  for (const path of pathsOf(now, then)) {
    const mine = now[path];
    const old = then[path];
    const back = same(mine?.value, old?.value) ? input.secretsBack.get(secretIn(mine?.value) ?? '') : 'back';
    if (back === undefined) {
      if (mine !== undefined) result[path] = mine;
      continue;
    }
    const accepted = input.accept.has(`${component?.key ?? 'shared'}/${path}`);
    const stay = accepted ? undefined : back === 'stays' ? setSince : whyItStays(path, mine, input.since);
    const kept = stay === undefined ? old : mine;
    if (kept !== undefined) result[path] = kept;
    told.push(itemOf(component, path, describe(mine, old, stay, accepted)));
  }
  return result;
}

interface Stay {
  readonly rule: PlanRule;
  readonly reason: string;
}

function whyItStays(path: string, mine: Item | undefined, since: number): Stay | undefined {
  if (kindOf(path) === 'volume') return { rule: 'data-stays', reason: 'volumes are left alone by a rollback' };
  return mine?.origin.kind === 'site' && mine.origin.revision > since ? setSince : undefined;
}

const setSince: Stay = { rule: 'set-since', reason: 'set at this site since; it is kept unless accepted' };

function describe(
  mine: Item | undefined,
  old: Item | undefined,
  stay: Stay | undefined,
  accepted: boolean,
): Omit<PlanItem, 'id' | 'component' | 'path'> {
  const action = mine === undefined ? 'add' : old === undefined ? 'remove' : 'update';
  const present = { action, before: mine?.value, setBy: mine?.origin } as const;
  if (stay === undefined) {
    const rule = accepted ? 'accepted' : 'undone';
    const reason = 'goes back to what it was before the record';
    return withoutUndefined({
      verdict: 'change',
      ...present,
      after: old?.value,
      rule,
      reason,
      acceptable: accepted,
    } as const);
  }
  const since = stay.rule === 'set-since';
  return withoutUndefined({
    verdict: since ? 'conflict' : 'keep',
    ...present,
    after: mine?.value,
    target: old?.value,
    ...stay,
    acceptable: since,
  } as const);
}
