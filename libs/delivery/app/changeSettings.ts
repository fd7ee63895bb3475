import type { ComponentKey, EngineId, InstanceId } from '@waybill/kernel';
import type { CommandContext, Handled } from '@waybill/event-store';
import type { Manifest } from '@waybill/packaging';
import { publishedOf } from '../domain/desired.js';
import type { InstanceEvent, SecretStored } from '../domain/instanceEvents.js';
import { secretIn, type ExistingInstance, type InstanceState } from '../domain/instanceState.js';
import { notAllowed } from './addressItem.js';
import { comingVersions } from './comingVersions.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadDesired } from './loadDocuments.js';
import { manifestOf } from './manifestOf.js';
import { nextVersion, stored, storedGenerated } from './secrets.js';
import {
  addressable,
  arePresent,
  findSettable,
  parseSetting,
  templateSide,
  type Settable,
  type SettingRequest,
} from './settings.js';
import type { ParsedSetting } from './settingValues.js';
import { handleInstance, loadEngine, loadInstance } from './streams.js';
import { refuseTakenPorts, type AskedPort } from './surroundings.js';

export interface SettingsRequest {
  readonly instance: InstanceId;
  readonly settings: readonly SettingRequest[];
  /** Items whose waiting value is not wanted any more; what is in effect stays. */
  readonly withdraw?: readonly string[] | undefined;
  /** What the settings are checked against when nothing is installed yet. */
  readonly manifest?: Manifest;
  readonly expectedRevision?: bigint | undefined;
}

/**
 * Records what the site wants; it takes effect with the next plan. Components that an upgrade would bring can be set before it. Refused while a record is open.
 * @throws WaybillError `setting-not-allowed`, `component-not-found`, `record-open`, `revision-mismatch`, `instance-removed`, `port-taken`
 */
export async function changeSettings(
  deps: DeliveryDependencies,
  request: SettingsRequest,
  context: CommandContext,
): Promise<Handled<InstanceState, InstanceEvent>> {
  const { state } = await loadInstance(deps, request.instance);
  const desired = await loadDesired(deps.documents, state.desired);
  const items = [...request.settings.map(({ item }) => item), ...(request.withdraw ?? [])];
  const known = {
    manifest: request.manifest ?? (await manifestOf(deps, state)),
    desired,
    waiting: state.settings,
    coming: desired === undefined || arePresent(items, desired) ? [] : await comingVersions(deps, state),
  };
  const parsed = parseSettings(request.settings, known);
  const withdrawn = (request.withdraw ?? []).map((item) => withdrawal(item, known));
  refuseTwice([...parsed, ...withdrawn]);
  await refusePortsOfOthers(deps, state.engine, state.id, parsed, known);
  for (const { file } of parsed) if (file !== undefined) await deps.documents.put(Buffer.from(file.text));
  return handleInstance(
    deps,
    request.instance,
    {
      type: 'change-settings',
      changes: parsed.map(({ component, path, value }) => ({ component, path, value })),
      withdrawn,
      secrets: sealed(deps, state, parsed, known),
    },
    context,
    { expectedRevision: request.expectedRevision },
  );
}

/** @throws WaybillError `setting-not-allowed` and those of `findItem` */
export const parseSettings = (settings: readonly SettingRequest[], known: Settable): readonly ParsedSetting[] =>
  settings.map((setting) => parseSetting(setting, known));

interface Target {
  readonly component: ComponentKey;
  readonly path: string;
}

function withdrawal(item: string, known: Settable): Target {
  const { component, path } = findSettable(item, known);
  const waiting = Object.values(known.waiting ?? {});
  if (!waiting.some((one) => one.component === component.key && one.path === path))
    throw notAllowed(item, 'nothing waits that could be withdrawn.');
  return { component: component.key, path };
}

function refuseTwice(targets: readonly Target[]): void {
  const seen = new Set<string>();
  for (const { component, path } of targets) {
    const id = `${component}/${path}`;
    if (seen.has(id)) throw notAllowed(id, 'it is given more than once in one request.');
    seen.add(id);
  }
}

/** Ports that others have, as far as is known now; a plan looks again. @throws WaybillError `port-taken` */
export async function refusePortsOfOthers(
  deps: DeliveryDependencies,
  engine: EngineId,
  instance: InstanceId,
  parsed: readonly ParsedSetting[],
  known: Settable,
): Promise<void> {
  const ports = parsed.flatMap(portsAt);
  if (ports.length === 0) return;
  const names = new Map(addressable(known).map(({ key, name, host = name }) => [key, host]));
  await refuseTakenPorts(deps, await loadEngine(deps, engine), instance, ports, names, portsBeside(parsed, known));
}

const portsAt = ({ component, path, value }: Omit<ParsedSetting, 'secret' | 'file'>): readonly AskedPort[] =>
  path.startsWith('publish/') && typeof value === 'object' && value !== null
    ? publishedOf({ items: { [path]: { value } } }).map((port) => ({ component, ...port }))
    : [];

/** What the instance has published, or will once what waits takes effect, but for what is asked for. */
function portsBeside(parsed: readonly ParsedSetting[], { desired, waiting = {} }: Settable): readonly AskedPort[] {
  const inEffect = Object.values(desired?.components ?? {}).flatMap(({ key, items }) =>
    Object.entries(items).map(([path, { value }]) => ({ component: key, path, value })),
  );
  const isIn =
    (others: readonly Target[]) =>
    ({ component, path }: Target): boolean =>
      others.some((other) => other.component === component && other.path === path);
  const waits = Object.values(waiting);
  return [...inEffect.filter((one) => !isIn(waits)(one)), ...waits]
    .filter((one) => !isIn(parsed)(one))
    .flatMap(portsAt);
}

/** A secret is sealed under the next version of its name; one that is given back to the template gets the generated value again. */
function sealed(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  parsed: readonly ParsedSetting[],
  known: Settable,
): readonly SecretStored['data'][] {
  const key = deps.secretKey;
  return parsed.flatMap(({ component, path, value, secret }) => {
    if (secret !== undefined)
      return [stored(key, state.id, secret.name, nextVersion(state, secret.name), secret.text, 'set')];
    const name = value === null ? secretIn(templateSide(component, known).inTemplate[path]) : undefined;
    if (name === undefined || state.secrets[name] === undefined) return [];
    return [storedGenerated(key, state.id, name, nextVersion(state, name))];
  });
}
