import type { CanonicalValue, ComponentKey } from '@waybill/kernel';
import { hostNamesOf, SMALLEST_MEMORY, templateItems, type Manifest, type ManifestComponent } from '@waybill/packaging';
import type { Desired } from '../domain/desired.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import { settableKind } from './settingKinds.js';
import {
  amount,
  endpointsSetting,
  envSetting,
  fileSetting,
  publishSetting,
  refuseNothingToGiveBack,
  replicasSetting,
  scheduleSetting,
  type About,
  type ParsedSetting,
} from './settingValues.js';
import { findItem, isCalled, notAllowed, type Addressable } from './addressItem.js';
import { broughtBy } from './comingVersions.js';

/** A change that a person asks for: `<component>/<path>` with the component by key, host or name. */
export interface SettingRequest {
  readonly item: string;
  /** `null` gives it back to the template. */
  readonly value: string | null;
  /** Seal it, and never show it. */
  readonly secret?: boolean | undefined;
}

/** What settings are checked against: the template's version, what the site has of it, and what waits already. */
export interface Settable {
  readonly manifest: Manifest;
  readonly desired?: Desired | undefined;
  readonly waiting?: ExistingInstance['settings'];
  /** Versions that it can be upgraded to, highest first: what a component that they bring is to be is set before. */
  readonly coming?: readonly Manifest[];
}

/** Is every item one of a component that is there? */
export const arePresent = (items: readonly string[], { components }: Desired): boolean =>
  items.every((item) => Object.values(components).some((one) => isCalled(one, componentIn(item))));

const componentIn = (item: string): string => item.slice(0, Math.max(item.indexOf('/'), 0));

/** The components that can have settings. */
export function addressable({ manifest, desired, coming = [] }: Settable): readonly Addressable[] {
  if (desired === undefined) return componentsToBe(manifest);
  const present = Object.values(desired.components);
  return [...present, ...broughtBy(coming, present)];
}

/** The item that a person means; a component that is there goes before one that is to come. @throws those of `findItem` */
export const findSettable = (item: string, known: Settable): ReturnType<typeof findItem> =>
  findItem(
    item,
    addressable(known.desired !== undefined && arePresent([item], known.desired) ? { ...known, coming: [] } : known),
  );

/** A component as its template has it: the installed version's, or that of the version which brings it. */
export function templateSide(key: ComponentKey, { manifest, desired, coming = [] }: Settable) {
  const here = desired?.components[key];
  return here === undefined ? sideIn([manifest, ...coming], key) : sideIn([manifest], here.templateKey);
}

/** A component in the first of the manifests that has it. */
export function sideIn(
  manifests: readonly Manifest[],
  key: string,
): { readonly template: ManifestComponent | undefined; readonly inTemplate: Readonly<Record<string, CanonicalValue>> } {
  for (const manifest of manifests) {
    const template = manifest.components.find((one) => one.key === key);
    if (template !== undefined) return { template, inTemplate: templateItems(template, manifest) };
  }
  return { template: undefined, inTemplate: {} };
}

/** Of a version of which nothing is installed, as an install will call them. */
export function componentsToBe(manifest: Manifest): readonly Required<Addressable>[] {
  const hosts = hostNamesOf(manifest);
  return manifest.components.map(({ key, name }) => ({ key, name, host: hosts.get(key) ?? name }));
}

/** Checks a request against what the template and the site have. @throws WaybillError `setting-not-allowed` and those of `findItem` */
export function parseSetting(request: SettingRequest, known: Settable): ParsedSetting {
  const { component, path } = findSettable(request.item, known);
  const kind = settableKind(request.item, path);
  const about = aboutItem(request.item, component.key, path, known);
  const target = { component: component.key, path };
  if (request.secret === true && kind !== 'env')
    throw notAllowed(request.item, 'only environment values can be secret.');
  if (request.value === null) {
    refuseNothingToGiveBack(about);
    return { ...target, value: null };
  }
  if (!request.value.isWellFormed()) throw notAllowed(request.item, 'its value is no Unicode text.');
  switch (kind) {
    case 'env':
      return { ...target, ...envSetting(about, request.value, request.secret === true) };
    case 'file':
      return { ...target, ...fileSetting(about, request.value) };
    case 'publish':
      return { ...target, value: publishSetting(about, request.value) };
    case 'schedule':
      return { ...target, value: scheduleSetting(about, request.value) };
    case 'endpoints':
      return { ...target, value: endpointsSetting(about, request.value) };
    case 'replicas':
      return { ...target, value: replicasSetting(about, request.value) };
    case 'memory':
      return { ...target, value: amount(about.item, request.value, 'MiB', SMALLEST_MEMORY) };
    case 'cpu':
      return { ...target, value: amount(about.item, request.value, 'millicores', SMALLEST_CPU) };
  }
}

const aboutItem = (item: string, key: ComponentKey, path: string, known: Settable): About => ({
  item,
  path,
  key,
  here: known.desired?.components[key],
  ...templateSide(key, known),
  waiting: known.waiting?.[`${key}/${path}`]?.value,
});

/** What engines take at least. */
const SMALLEST_CPU = 10;
