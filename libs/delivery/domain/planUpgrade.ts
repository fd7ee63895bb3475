import { withoutUndefined, type ComponentKey, type Digest } from '@waybill/kernel';
import {
  calledOf,
  hostNamesOf,
  matchComponents,
  sharedItems,
  templateItems,
  type Manifest,
  type TemplateItems,
} from '@waybill/packaging';
import { pathsOf } from './compare.js';
import type { Desired, DesiredComponent, Item, MountValue } from './desired.js';
import { itemOf, publishedPorts, type Draft, type PendingSetting, type Surroundings } from './draft.js';
import type { PlanItem } from './plan.js';
import { described, planComponent, resultOf } from './planComponent.js';
import { withSettings, settingsWithoutComponent } from './planSettings.js';
import { secretsOf } from './secretsOf.js';
import { decideItem } from './threeWay.js';

export interface UpgradeInput {
  /** What the site has; absent: a fresh install. */
  readonly ours?: Desired | undefined;
  /** The manifest of the version it has. */
  readonly base?: Manifest | undefined;
  readonly target: { readonly manifest: Manifest; readonly digest: Digest };
  readonly settings: readonly PendingSetting[];
  /** Ids of items whose target value is wanted. */
  readonly accept: ReadonlySet<string>;
}

/** Plans an install, an upgrade, or (target = what is installed) the taking effect of settings. */
export function planUpgrade(input: UpgradeInput, surroundings: Surroundings): Draft {
  const { target, ours } = input;
  const pairs = pairComponents(input);
  const items: PlanItem[] = [];
  const components: Record<string, DesiredComponent> = {};
  for (const pair of pairs) {
    const planned = planComponent(
      {
        component: pair.component,
        base: pair.base,
        theirs: pair.theirs,
        ours: pair.ours?.items ?? {},
        settings: settingsOf(input.settings, pair.component.key),
        accepted: (path) => input.accept.has(`${pair.component.key}/${path}`),
        targetVersion: target.manifest.version,
      },
      surroundings,
    );
    components[pair.component.key] = planned.component;
    if (pair.ours === undefined) items.push(addedComponent(planned.component));
    items.push(...planned.items);
  }
  for (const left of leftBehind(ours, pairs)) {
    items.push(keptComponent(left, input.base));
    components[left.key] = withSettings(left, input.settings, surroundings, items);
  }
  const shared = planShared(input, items);
  const draft = {
    schema: 1,
    template: target.manifest.template,
    version: target.manifest.version,
    manifest: target.digest,
    components,
    shared,
  } as const;
  const secrets = secretsOf({ components, shared }, surroundings);
  return {
    desired: { ...draft, secrets: secrets.all },
    items,
    ports: Object.values(components).flatMap(publishedPorts),
    secrets: secrets.added,
    warnings: settingsWithoutComponent(input.settings, components),
  };
}

interface Pair {
  readonly component: Omit<DesiredComponent, 'items'>;
  readonly base: TemplateItems;
  readonly theirs: TemplateItems;
  readonly ours: DesiredComponent | undefined;
}

/** Which component of the target is which of ours; new ones get their key and their name on the network. */
function pairComponents({ ours, base, target }: UpgradeInput): readonly Pair[] {
  const installed = Object.values(ours?.components ?? {});
  const { pairs } = matchComponents(
    installed.map((component) => ({ key: component.templateKey, aliases: component.aliases, component })),
    target.manifest.components,
  );
  const oursByTarget = new Map(pairs.map((pair) => [pair.target.key, pair.installed.component]));
  const keyHere = (templateKey: string) => oursByTarget.get(templateKey as ComponentKey)?.key ?? templateKey;
  const added = { components: target.manifest.components.filter(({ key }) => !oursByTarget.has(key)) };
  const hosts = hostNamesOf(added, new Set(installed.map((one) => one.host)));
  return target.manifest.components.map((component) => {
    const mine = oursByTarget.get(component.key);
    const host = mine?.host ?? hosts.get(component.key) ?? component.key;
    const inBase = base?.components.find((one) => one.key === mine?.templateKey);
    return {
      component: {
        key: mine?.key ?? component.key,
        templateKey: component.key,
        aliases: component.aliases,
        name: component.name,
        host,
        ...withoutUndefined({ called: calledOf(component, host) }),
        version: target.manifest.version,
      },
      base: inBase === undefined || base === undefined ? {} : translated(templateItems(inBase, base), keyHere),
      theirs: translated(templateItems(component, target.manifest), keyHere),
      ours: mine,
    };
  });
}

/** Components are referred to by the keys they have here. */
function translated(items: TemplateItems, keyHere: (templateKey: string) => string): TemplateItems {
  return Object.fromEntries(
    Object.entries(items).map(([path, value]) => {
      if (path.startsWith('depends/')) return [`depends/${keyHere(path.slice('depends/'.length))}`, value];
      if (!path.startsWith('mount/')) return [path, value];
      const mount = value as MountValue;
      return [path, { ...mount, component: keyHere(mount.component) }];
    }),
  );
}

const leftBehind = (ours: Desired | undefined, pairs: readonly Pair[]): readonly DesiredComponent[] =>
  Object.values(ours?.components ?? {}).filter((one) => !pairs.some((pair) => pair.component.key === one.key));

const settingsOf = (settings: readonly PendingSetting[], key: ComponentKey): readonly PendingSetting[] =>
  settings.filter(({ component }) => component === key);

const addedComponent = (component: DesiredComponent): PlanItem =>
  itemOf(component, 'component', {
    verdict: 'change',
    action: 'add',
    after: { name: component.name, host: component.host },
    rule: 'new-in-target',
    reason: 'new in the target version',
    acceptable: false,
  });

/** One that the target does not have: dropped by it, or left behind by an earlier version already. */
function keptComponent(component: DesiredComponent, base: Manifest | undefined): PlanItem {
  const summary = { name: component.name, host: component.host };
  const dropped = base?.components.some((one) => one.key === component.templateKey) === true;
  return itemOf(component, 'component', {
    verdict: 'keep',
    action: 'remove',
    before: summary,
    after: summary,
    rule: dropped ? 'never-removed' : 'added-stays',
    reason: dropped
      ? 'the target version no longer has it; components are never removed by an upgrade'
      : `stays from version ${component.version}; it keeps running`,
    acceptable: false,
  });
}

function planShared({ ours, base, target, accept }: UpgradeInput, items: PlanItem[]): Readonly<Record<string, Item>> {
  const result: Record<string, Item> = {};
  const before = base === undefined ? {} : sharedItems(base);
  const theirs = sharedItems(target.manifest);
  for (const path of pathsOf(before, theirs, ours?.shared ?? {})) {
    const mine = ours?.shared[path];
    const sides = { base: before[path], theirs: theirs[path], ours: mine };
    // A shared value is a variable of the components in its group, so it stays as theirs do.
    const decision = decideItem(`env/${path}`, sides, accept.has(`shared/${path}`));
    const item = decision === undefined ? mine : resultOf(decision, mine, target.manifest.version);
    if (item !== undefined) result[path] = item;
    if (decision !== undefined) items.push(itemOf(undefined, path, described(decision, mine, theirs[path])));
  }
  return result;
}
