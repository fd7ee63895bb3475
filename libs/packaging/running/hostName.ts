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
  const asked = [component.hostHint ?? '', component.name, component.key].find((text) => dnsLabel(text) !== '');
  const label = dnsLabel(asked ?? 'component');
  if (!taken.has(label)) return label;
  for (let n = 2; ; n++) {
    const numbered = `${label.slice(0, MAX_LENGTH - 4)}-${n}`;
    if (!taken.has(numbered)) return numbered;
  }
}

/**
 * What the components of a template are called on the network where they are added to those that are `taken`, by their keys. Whoever asks for a name that can be given as it stands goes before those whose names only
 * come to the same.
 */
export function hostNamesOf(
  { components }: Pick<Manifest, 'components'>,
  taken: ReadonlySet<string> = new Set(),
): ReadonlyMap<ComponentKey, string> {
  const used = new Set(taken);
  const asked = components.map((component) => ({ ...component, hostHint: askedName(component) }));
  const asItStands = ({ hostHint }: { hostHint?: string | undefined }) =>
    hostHint !== undefined && hostHint === dnsLabel(hostHint);
  const inTurn = [...asked.filter(asItStands), ...asked.filter((one) => !asItStands(one))];
  return new Map(
    inTurn.map((component) => {
      const host = hostName(component, used);
      used.add(host);
      return [component.key, host];
    }),
  );
}

/** A component may ask for a name itself or by one of its ports. */
const askedName = ({ hostHint, ports }: ManifestComponent): string | undefined =>
  hostHint ?? ports.find((port) => port.hostHint !== undefined)?.hostHint;

/** A text in Latin letters, as a DNS label; empty where nothing of it is left. */
export function dnsLabel(text: string): string {
  // Most names of services are one as they stand, and need no tables of letters.
  if (text.length <= MAX_LENGTH && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text)) return text;
  return latin(text, { lowercase: true, separator: '-', allowed: 'a-zA-Z0-9-' })
    .replaceAll(/-{2,}/g, '-')
    .slice(0, MAX_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
}
