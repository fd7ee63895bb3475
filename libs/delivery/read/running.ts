import { canonicalJson, WaybillError, type CanonicalValue, type InstanceId, type TemplateKey } from '@waybill/kernel';
import {
  fileContents,
  sharedItems,
  templateItems,
  type Amendment,
  type Manifest,
  type ManifestComponent,
} from '@waybill/packaging';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { loadContents, loadDesired, loadManifest } from '../app/loadDocuments.js';
import { loadInstance } from '../app/streams.js';
import {
  kindOf,
  nameOf,
  type Desired,
  type DesiredComponent,
  type EnvValue,
  type FileValue,
  type Item,
} from '../domain/desired.js';
import { openRecord } from '../domain/instanceState.js';

/** What an instance runs, told as its version and what it has otherwise. */
export interface RunningVersion {
  readonly template: TemplateKey;
  readonly version: string;
  /** Values in effect that the version does not say, those of settings and those kept from earlier versions. */
  readonly changes: readonly Amendment[];
  /** Items that are the site's alone, or of no component of the version: `<host>/<path>`. Sorted. */
  readonly left: readonly string[];
  /** Settings that wait, and so are not in effect: `<host>/<path>`. Sorted. */
  readonly waiting: readonly string[];
}

/** @throws WaybillError `instance-not-found`, `instance-not-installed`, `instance-removed`, `record-open` while that changes */
export async function readRunning(
  { store, documents }: Pick<DeliveryDependencies, 'store' | 'documents'>,
  id: InstanceId,
): Promise<RunningVersion> {
  const { state } = await loadInstance({ store }, id);
  if (state.status === 'removed') throw new WaybillError('instance-removed', { instance: state.name });
  const open = openRecord(state);
  if (open !== undefined) throw new WaybillError('record-open', { record: open.id, kind: open.kind });
  const desired = await loadDesired(documents, state.desired);
  if (state.version === null || desired === undefined)
    throw new WaybillError('instance-not-installed', { instance: state.name });
  const manifest = await loadManifest(documents, state.version.manifest);
  const contents = await loadContents(documents, desired, fileContents(manifest));
  const textOf = ({ document }: FileValue) => contents.get(document) ?? '';
  const told = [
    ...Object.values(desired.components).flatMap((component) => componentTold(component, manifest, textOf)),
    ...sharedTold(desired, manifest),
  ];
  return {
    template: state.template.key,
    version: state.version.version,
    changes: told.flatMap((each) => (typeof each === 'string' ? [] : [each])),
    left: told.filter((each) => typeof each === 'string').sort(),
    waiting: Object.values(state.settings)
      .map(({ component, path }) => `${desired.components[component]?.host ?? component}/${path}`)
      .sort(),
  };
}

/** A change, or what is left. */
type Told = Amendment | string;

function componentTold(
  component: DesiredComponent,
  manifest: Manifest,
  textOf: (file: FileValue) => string,
): readonly Told[] {
  const template = manifest.components.find(({ key }) => key === component.templateKey);
  if (template === undefined) return [component.host];
  const base = templateItems(template, manifest);
  return Object.entries(component.items).flatMap(([path, item]): readonly Told[] => {
    if (same(item.value, base[path])) return [];
    const value = amended(path, item, template, base[path], textOf);
    if (value === 'as-it-is') return [];
    if (value === 'left') return [`${component.host}/${path}`];
    return [{ component: template.key, item: path, value: value.text }];
  });
}

function amended(
  path: string,
  { value, origin }: Item,
  template: ManifestComponent,
  base: CanonicalValue | undefined,
  textOf: (file: FileValue) => string,
): 'as-it-is' | 'left' | { readonly text: string } {
  switch (kindOf(path)) {
    case 'env':
      return amendedVariable(value as EnvValue, nameOf(path), template);
    case 'file':
      return base === undefined ? 'left' : { text: textOf(value as unknown as FileValue) };
    case 'memory':
    case 'cpu':
    case 'replicas':
      return { text: `${value as number}` };
    case 'schedule':
      return template.workload.kind === 'cron' ? { text: value as string } : 'left';
    // Ports of the host that were assigned are everybody's own.
    case 'publish':
      return origin.kind === 'site' ? 'left' : 'as-it-is';
    case 'endpoints':
    case 'group':
      return 'left';
    // What follows the template is the template's.
    case 'image':
    case 'command':
    case 'workload':
    case 'volume':
    case 'mount':
    case 'port':
    case 'probe':
    case 'depends':
      return origin.kind === 'template' && base === undefined ? 'left' : 'as-it-is';
  }
}

/** Secrets stay where they are, and what is computed is computed anew. */
function amendedVariable(
  value: EnvValue,
  name: string,
  { env }: ManifestComponent,
): 'left' | { readonly text: string } {
  const variable = env.find((each) => each.name === name);
  if ('secret' in value || variable?.secret !== undefined || variable?.port !== undefined) return 'left';
  return { text: value.text };
}

const sharedTold = (desired: Desired, manifest: Manifest): readonly Told[] => {
  const base = sharedItems(manifest);
  return Object.entries(desired.shared).flatMap(([path, { value }]): readonly Told[] => {
    if (same(value, base[path])) return [];
    return base[path] === undefined || typeof value !== 'string' ? [`shared/${path}`] : [{ item: path, value }];
  });
};

const same = (one: CanonicalValue, other: CanonicalValue | undefined): boolean =>
  other !== undefined && canonicalJson(one) === canonicalJson(other);
