import {
  hasCode,
  withoutUndefined,
  type CanonicalValue,
  type ComponentKey,
  type EventId,
  type InstanceId,
} from '@waybill/kernel';
import type { Manifest, ManifestComponent } from '@waybill/packaging';
import type { TemplateSource } from '../app/dependencies.js';
import { loadDesired } from '../app/loadDocuments.js';
import { manifestOf } from '../app/manifestOf.js';
import { broughtBy, comingVersions } from '../app/comingVersions.js';
import { isSettable } from '../app/settingKinds.js';
import { componentsToBe, sideIn } from '../app/settings.js';
import { kindOf, nameOf, type Desired, type Origin, type PortValue } from '../domain/desired.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { ReadDependencies } from './instanceState.js';
import { loadTold, type SetBy } from './settingEvents.js';

/** One value that a site may own: what it is and who set it. A secret is named, never shown. */
export interface SettingView {
  readonly item: string;
  readonly component: { readonly key: ComponentKey; readonly name: string; readonly host: string };
  readonly path: string;
  /** In effect. Absent: nothing is. */
  readonly value?: CanonicalValue;
  readonly setBy?: Origin & Partial<SetBy>;
  /** What the template of the version says; absent: nothing. Of a published port: `true`, any free one; `false`, none. */
  readonly template?: CanonicalValue;
  /** Does the template let a site change it? */
  readonly editable: boolean;
  /** The value that waits for a plan; null: the template's. */
  readonly pending?: CanonicalValue;
  readonly pendingSetBy?: { readonly event: EventId; readonly revision: number } & SetBy;
}

export interface SettingsDependencies extends ReadDependencies {
  readonly templates: TemplateSource;
}

/** What the site owns of an instance, or will once it is installed. @throws WaybillError `instance-not-found` */
export async function readSettings(
  deps: SettingsDependencies,
  id: InstanceId,
): Promise<{ readonly settings: readonly SettingView[]; readonly revision: bigint }> {
  const { state, revision, told } = await loadTold(deps, id);
  const desired = await loadDesired(deps.documents, state.desired);
  const manifest = await templateOf(deps, state);
  const settings = componentsOf(desired, manifest).flatMap((component) => settingsOf(component, state, told));
  const awaited = await awaitedComponents(deps, state, desired);
  const waiting = awaited.flatMap((one) => settingsOf(one, state, told)).filter(({ pending }) => pending !== undefined);
  return { settings: [...settings, ...waiting], revision };
}

/** Components that are not there, for which something waits: versions above bring them. One that none brings any more is called by its key. */
async function awaitedComponents(
  deps: SettingsDependencies,
  state: ExistingInstance,
  desired: Desired | undefined,
): Promise<readonly Here[]> {
  if (desired === undefined) return [];
  const lacking = Object.values(state.settings).filter(({ component }) => desired.components[component] === undefined);
  if (lacking.length === 0) return [];
  const coming = await comingVersions(deps, state);
  const brought = broughtBy(coming, Object.values(desired.components));
  return [...new Set(lacking.map(({ component }) => component))].map((key) => ({
    ref: brought.find((one) => one.key === key) ?? { key, name: key, host: key },
    items: {},
    ...sideIn(coming, key),
  }));
}

/** A template may have been forgotten before anything of it was installed; what waits is still known. */
async function templateOf(deps: SettingsDependencies, state: ExistingInstance): Promise<Manifest | undefined> {
  if (state.status === 'removed') return undefined;
  try {
    return await manifestOf(deps, state);
  } catch (error) {
    if (hasCode(error, 'version-not-found') || hasCode(error, 'template-not-found')) return undefined;
    throw error;
  }
}

/** A component as the site has it, or will have it. */
interface Here {
  readonly ref: SettingView['component'];
  readonly items: Desired['components'][string]['items'];
  readonly template: ManifestComponent | undefined;
  readonly inTemplate: Readonly<Record<string, CanonicalValue>>;
}

function componentsOf(desired: Desired | undefined, manifest: Manifest | undefined): readonly Here[] {
  const templateSide = (key: string) => sideIn(manifest === undefined ? [] : [manifest], key);
  if (desired === undefined)
    return (manifest === undefined ? [] : componentsToBe(manifest)).map((ref) => ({
      ref,
      items: {},
      ...templateSide(ref.key),
    }));
  return Object.values(desired.components).map(({ key, name, host, items, templateKey }) => ({
    ref: { key, name, host },
    items,
    ...templateSide(templateKey),
  }));
}

function settingsOf(
  { ref, items, template, inTemplate }: Here,
  { settings }: ExistingInstance,
  told: ReadonlyMap<number, { readonly event: EventId } & SetBy>,
): readonly SettingView[] {
  const waiting = new Map(
    Object.values(settings)
      .filter(({ component }) => component === ref.key)
      .map((one) => [one.path, one]),
  );
  const said = { ...inTemplate, ...publishedByTemplate(inTemplate) };
  const paths = new Set([...Object.keys(items), ...Object.keys(said), ...waiting.keys()].filter(isSettable));
  return [...paths].sort().map((path) => {
    const item = items[path];
    const pending = waiting.get(path);
    return withoutUndefined({
      item: `${ref.host}/${path}`,
      component: ref,
      path,
      value: item?.value,
      setBy: item === undefined ? undefined : withWho(item.origin, told),
      template: said[path],
      editable: template?.env.find((one) => `env/${one.name}` === path)?.editable ?? true,
      pending: pending?.value,
      pendingSetBy: pending === undefined ? undefined : toldAt(pending.revision, told),
    });
  });
}

/** The template says which ports are published; where on the host is not its to say. */
const publishedByTemplate = (inTemplate: Readonly<Record<string, CanonicalValue>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(
    Object.entries(inTemplate)
      .filter(([path]) => kindOf(path) === 'port')
      .map(([path, value]) => [`publish/${nameOf(path)}`, (value as PortValue).published]),
  );

/** Who set it and when, where the site did. */
export const withWho = (
  origin: Origin,
  told: ReadonlyMap<number, { readonly event: EventId } & SetBy>,
): Origin & Partial<SetBy> => (origin.kind === 'site' ? { ...origin, ...told.get(origin.revision) } : origin);

function toldAt(revision: number, told: ReadonlyMap<number, { readonly event: EventId } & SetBy>) {
  const found = told.get(revision);
  return found === undefined ? undefined : { revision, ...found };
}
