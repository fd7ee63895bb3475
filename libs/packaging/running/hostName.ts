import type { ComponentKey } from '@waybill/kernel';
import type { Manifest, ManifestComponent } from '../manifest.js';
import { latin } from './latin.js';

const MAX_LENGTH = 40;

/**
 * A component's name on its instance's network: what the author asked for, else its name in Latin letters; a DNS label, unique among `taken`.
 * It is chosen once, when the component is added, and recorded: a later version of this function changes nothing that is installed.
 */
export function hostName(
  component: { readonly hostHint?: string | undefined; readonly name: string; readonly key: string },
  taken: ReadonlySet<string>,
): string {
  const label =
    [component.hostHint ?? '', component.name, component.key].map(dnsLabel).find((text) => text !== '') ?? 'component';
  if (!taken.has(label)) return label;
  for (let n = 2; ; n++) {
    const numbered = `${label.slice(0, MAX_LENGTH - 4)}-${n}`;
    if (!taken.has(numbered)) return numbered;
  }
}

/** The same for a component of a template, which may ask for a name itself or by one of its ports. */
export const hostNameOf = (component: ManifestComponent, taken: ReadonlySet<string>): string =>
  hostName(
    {
      hostHint: component.hostHint ?? component.ports.find((port) => port.hostHint !== undefined)?.hostHint,
      name: component.name,
      key: component.key,
    },
    taken,
  );

/** What every component of a template is called on the network where none of it is installed yet. */
export function hostNamesOf({ components }: Pick<Manifest, 'components'>): ReadonlyMap<ComponentKey, string> {
  const hosts = new Map<ComponentKey, string>();
  const taken = new Set<string>();
  for (const component of components) {
    const host = hostNameOf(component, taken);
    taken.add(host);
    hosts.set(component.key, host);
  }
  return hosts;
}

/** A text in Latin letters, as a DNS label; empty where nothing of it is left. */
export function dnsLabel(text: string): string {
  return latin(text, { lowercase: true, separator: '-', allowed: 'a-zA-Z0-9-' })
    .replaceAll(/-{2,}/g, '-')
    .slice(0, MAX_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
}
