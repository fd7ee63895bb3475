import { withoutUndefined } from '@waybill/kernel';
import type { ManifestComponent } from '../manifest.js';
import { hostNamesOf } from './hostName.js';
import type { RunningComponent } from './items.js';

/** What engines answer to beside DNS labels: capitals, underscores and dots, as names of services in Compose files have them. */
const ON_A_NETWORK = /^(?=.{1,253}$)[\w-]{1,63}(?:\.[\w-]{1,63})*$/;

/** The name by which its author's other components call it, where `host` is not that name. */
export const calledOf = ({ hostHint }: Pick<ManifestComponent, 'hostHint'>, host: string): string | undefined =>
  hostHint === undefined || hostHint === host || !ON_A_NETWORK.test(hostHint) ? undefined : hostHint;

type Named = Pick<RunningComponent, 'key' | 'host' | 'called'>;

/**
 * The names that a component answers to beside its host. Never one that another component answers to: a host goes before all of them, then the
 * component whose key is first. Engines take capitals and small letters for the same.
 */
export function aliasesOf(component: Named, { components }: Others): readonly string[] {
  const { called } = component;
  if (called === undefined || called === component.host) return [];
  const isTaken = Object.values(components).some(
    (other) =>
      other.key !== component.key &&
      (isSame(other.host, called) || (other.key < component.key && isSame(other.called ?? '', called))),
  );
  return isTaken ? [] : [called];
}

interface Others {
  readonly components: Readonly<Record<string, Named>>;
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The components of a template that nobody reaches by the name that its author gave them. */
export function unreachableByName(components: readonly ManifestComponent[]): readonly ManifestComponent[] {
  const hosts = hostNamesOf({ components });
  const named = components.map((component): Named & { readonly component: ManifestComponent } => {
    const host = hosts.get(component.key) ?? component.key;
    return { key: component.key, host, ...withoutUndefined({ called: calledOf(component, host) }), component };
  });
  const all = { components: Object.fromEntries(named.map((one) => [one.key, one])) };
  return named.flatMap((one) => {
    const { hostHint } = one.component;
    return hostHint === undefined || [one.host, ...aliasesOf(one, all)].includes(hostHint) ? [] : [one.component];
  });
}
