import { nearest, WaybillError, type ComponentKey } from '@waybill/kernel';

/** What a person may call a component by. */
export interface Addressable {
  readonly key: ComponentKey;
  readonly name: string;
  readonly host?: string;
}

/** The component that a person means, by key, host or name. @throws WaybillError `component-not-found`, `item-ambiguous` */
export function findComponent(text: string, components: readonly Addressable[]): Addressable {
  const exact = components.find((one) => one.key === text);
  if (exact !== undefined) return exact;
  const found = components.filter((one) => isCalled(one, text));
  const [only, ...more] = found;
  if (only === undefined) throw notFound(text, components);
  if (more.length > 0) throw new WaybillError('item-ambiguous', { item: text, items: found.map((one) => one.key) });
  return only;
}

/** Is it meant by that name? */
export const isCalled = ({ key, host, name }: Addressable, text: string): boolean =>
  key === text || host === text || name === text;

function notFound(text: string, components: readonly Addressable[]): WaybillError {
  const names = components.map((one) => one.host ?? one.name);
  const near = nearest(
    text,
    components.flatMap(({ name, host = name }) => [host, name]),
  );
  const hint = hintAt(near, names);
  return new WaybillError('component-not-found', { component: text, components: names, hint });
}

/** `web/env/LOG_LEVEL` → the component and `env/LOG_LEVEL`. @throws WaybillError `setting-not-allowed` and those of `findComponent` */
export function findItem(
  item: string,
  components: readonly Addressable[],
): { readonly component: Addressable; readonly path: string } {
  const slash = item.indexOf('/');
  if (slash < 1 || slash === item.length - 1)
    throw notAllowed(item, 'it is written <component>/<path>, such as web/env/LOG_LEVEL.');
  return { component: findComponent(item.slice(0, slash), components), path: item.slice(slash + 1) };
}

/** `reason` is a sentence. */
export const notAllowed = (setting: string, reason: string): WaybillError =>
  new WaybillError('setting-not-allowed', { setting, reason });

/** What there is, or what of it was probably meant; as the end of a reason. */
export function whatThereIs(name: string, names: readonly string[], none: string): string {
  return names.length === 0 ? `${none}.` : hintAt(nearest(name, names), names);
}

/** So few names can be read at once; of more, only what was probably meant is told. */
const FEW = 8;

/** What is near may still not be what was meant. */
function hintAt(near: readonly string[], names: readonly string[]): string {
  const all = names.join(', ');
  if (near.length === 0) return `there are ${all}.`;
  const meant = `did you mean ${near.join(' or ')}?`;
  return names.length > FEW || names.every((name) => near.includes(name)) ? meant : `${meant} There are ${all}.`;
}
