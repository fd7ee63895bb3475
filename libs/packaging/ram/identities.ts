import { componentKey, isWaybillError, WaybillError, type ComponentKey } from '@waybill/kernel';
import { subjectOf, type Carrying } from './carrying.js';
import type { RamComponent } from './metadata.js';
import { invalid } from './strictJson.js';

/** Every component under its key, and how texts of the package that mean a component are resolved. */
export interface Identities {
  readonly keyed: readonly { readonly key: ComponentKey; readonly component: RamComponent }[];
  component(key: ComponentKey): RamComponent | undefined;
  /** The key of the component that a reference means: by key, share uuid, or id of the source component. */
  resolve(reference: string): ComponentKey | undefined;
}

/** @throws WaybillError `template-invalid` when two components have one key, `package-metadata-invalid` when one has none */
export function identitiesOf(components: readonly RamComponent[], carrying: Carrying): Identities {
  const keyed = components.map((component) => ({ component, ...identified(component) }));
  const byKey = new Map<string, (typeof keyed)[number]>();
  for (const entry of keyed) {
    const { key, component, from } = entry;
    if (byKey.has(key))
      throw new WaybillError('template-invalid', {
        reason: `two components have the key ${key}. They could not be told apart at an upgrade.`,
      });
    byKey.set(key, entry);
    carrying.tell('component-identified', subjectOf(key), `"${component.cname || key}" is known by its ${from}.`);
  }
  const byUuid = aliases(keyed, ({ component }) => component.shareUuid, carrying);
  const byId = aliases(keyed, ({ component }) => component.serviceId, carrying);
  return {
    keyed,
    component: (key) => byKey.get(key)?.component,
    resolve: (reference) => byKey.get(reference)?.key ?? byUuid.get(reference) ?? byId.get(reference),
  };
}

function identified(component: RamComponent): { readonly key: ComponentKey; readonly from: string } {
  const { at, serviceKey, shareUuid, serviceId } = component;
  if (serviceKey !== '') return { key: keyAt(at, 'service_key', serviceKey), from: 'service_key' };
  const head = shareUuid.split('+')[0] ?? '';
  if (head !== '') return { key: keyAt(at, 'service_share_uuid', head), from: 'service_share_uuid' };
  if (serviceId !== '') return { key: keyAt(at, 'service_id', serviceId), from: 'service_id' };
  throw invalid(`${at}/service_key`, 'the component has no key');
}

function keyAt(at: string, field: string, text: string): ComponentKey {
  try {
    return componentKey(text);
  } catch (cause) {
    throw invalid(`${at}/${field}`, isWaybillError(cause) ? cause.message.replace(/\.$/, '') : 'no key', cause);
  }
}

/** Other names of the components. One that two of them claim means neither. */
function aliases(
  keyed: readonly { readonly key: ComponentKey; readonly component: RamComponent }[],
  nameOf: (entry: { readonly component: RamComponent }) => string,
  carrying: Carrying,
): ReadonlyMap<string, ComponentKey> {
  const found = new Map<string, ComponentKey>();
  const claimed = new Set<string>();
  for (const entry of keyed) {
    const name = nameOf(entry);
    if (name === '') continue;
    if (claimed.has(name)) {
      found.delete(name);
      carrying.tell('alias-ambiguous', subjectOf(entry.key), `Another component is called ${name} too.`);
    } else found.set(name, entry.key);
    claimed.add(name);
  }
  return found;
}
