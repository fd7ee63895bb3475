import { WaybillError, type Digest, type InstanceId, type RecordId } from '@waybill/kernel';
import { fileContents, templateItems, type Manifest, type TemplateItems } from '@waybill/packaging';
import { kindOf, replicasOf, type Desired, type DesiredComponent, type FileValue } from '../domain/desired.js';
import type { Draft, PendingSetting, Surroundings } from '../domain/draft.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { PlanKind, VersionRef } from '../domain/plan.js';
import { planRollback } from '../domain/planRollback.js';
import { lacksSchedule, scheduleTextOf } from '../domain/schedule.js';
import { planUpgrade } from '../domain/planUpgrade.js';
import { acceptedItems } from './acceptedItems.js';
import type { Addressable } from './addressItem.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadContents, loadDesired, loadManifest } from './loadDocuments.js';
import { chooseUpgrade, chooseVersion, recordToUndo, sameVersion, type Target } from './planTarget.js';
import type { Gathered } from './surroundings.js';

export interface PlanRequest {
  readonly instance: InstanceId;
  readonly kind: PlanKind;
  /** The version to install or to go up to; absent: the highest on offer. */
  readonly version?: string | undefined;
  /** Items whose target value is wanted: `<component>/<path>`, or patterns with `*`. */
  readonly accept?: readonly string[] | undefined;
  /** The record to undo; absent: the last one that completed. */
  readonly record?: RecordId | undefined;
  readonly removeAdded?: boolean | undefined;
  readonly restoreRemoved?: boolean | undefined;
  readonly removeVolumes?: boolean | undefined;
}

/** What differs between the kinds of plans. */
export interface Sketch {
  readonly request: PlanRequest;
  /** Absent: nothing is left afterwards. */
  readonly draft?: Draft;
  readonly to: VersionRef | null;
  readonly undoes?: RecordId;
  readonly ours: Desired | undefined;
  /** Texts that the version brings, to be stored. */
  readonly contents: ReadonlyMap<Digest, string>;
  /** Those and all others that may be used. */
  readonly known: ReadonlyMap<Digest, string>;
  /** Of the version planned for, for what it says that cannot run here. */
  readonly manifest?: Manifest;
}

/** Weighs what is asked against what is there. @throws WaybillError of choosing a version, a record, the items accepted; `schedule-missing` */
export async function sketchPlan(
  deps: DeliveryDependencies,
  request: PlanRequest,
  state: ExistingInstance,
  ours: Desired | undefined,
  gathered: Gathered,
): Promise<Sketch> {
  switch (request.kind) {
    case 'install':
      if (state.status === 'installed')
        throw new WaybillError('instance-already-installed', { instance: state.name, version: state.version?.version });
      return towards(deps, request, state, ours, gathered, await chooseVersion(deps, state, request.version));
    case 'upgrade':
      return towards(
        deps,
        request,
        state,
        installed(state, ours),
        gathered,
        await chooseUpgrade(deps, state, request.version),
      );
    case 'reconfigure':
      return towards(deps, request, state, installed(state, ours), gathered, await sameVersion(deps, state));
    case 'rollback':
      return back(deps, request, state, installed(state, ours), gathered);
    case 'remove':
      return { request, to: null, ours, contents: new Map(), known: new Map() };
  }
}

const installed = (state: ExistingInstance, ours: Desired | undefined): Desired => {
  if (ours === undefined) throw new WaybillError('instance-not-installed', { instance: state.name });
  return ours;
};

async function towards(
  deps: DeliveryDependencies,
  request: PlanRequest,
  state: ExistingInstance,
  ours: Desired | undefined,
  gathered: Gathered,
  target: Target,
): Promise<Sketch> {
  const base = ours === undefined ? undefined : await loadManifest(deps.documents, ours.manifest);
  const contents = fileContents(target.manifest);
  const known = await contentsFor(deps, [ours], gathered.settings, contents);
  const surroundings = await gathered.surroundings(portsToAssign(target.manifest, ours, gathered.settings), known);
  const sides = { ours, base, target, settings: gathered.settings };
  const planned = withAccepted(
    request,
    [...Object.values(ours?.components ?? {}), ...target.manifest.components],
    (accept, around) => planUpgrade({ ...sides, accept }, around),
    surroundings,
  );
  const draft = request.kind === 'reconfigure' ? onlyChanges(planned) : planned;
  refuseMissingSchedule(draft);
  return {
    request,
    draft,
    to: { version: target.manifest.version, manifest: target.digest },
    ours,
    contents,
    known,
    manifest: target.manifest,
  };
}

/** Packages of the reference system lose schedules on their way; only the site knows what was meant. */
function refuseMissingSchedule({ desired }: Draft): void {
  const [first] = Object.values(desired?.components ?? {}).filter(lacksSchedule);
  if (first !== undefined)
    throw new WaybillError('schedule-missing', {
      component: first.name,
      host: first.host,
      stated: scheduleTextOf(first) === '' ? 'nothing' : `"${scheduleTextOf(first)}"`,
    });
}

/** Settings alone change nothing else: what stays as it was needs no weighing. */
const onlyChanges = (draft: Draft): Draft => ({
  ...draft,
  items: draft.items.filter(({ verdict }) => verdict === 'change'),
});

/** Plans with what is accepted, which only a plan without it tells. */
function withAccepted(
  { accept = [] }: PlanRequest,
  components: readonly Addressable[],
  plan: (accept: ReadonlySet<string>, surroundings: Surroundings) => Draft,
  surroundings: Surroundings,
): Draft {
  if (accept.length === 0) return plan(new Set(), surroundings);
  const offered = plan(new Set(), { ...surroundings, freePort: () => 0 });
  const unique = components.filter((one, i) => components.findIndex((other) => other.key === one.key) === i);
  return plan(acceptedItems(accept, { items: offered.items, components: unique }), surroundings);
}

async function back(
  deps: DeliveryDependencies,
  request: PlanRequest,
  state: ExistingInstance,
  now: Desired,
  gathered: Gathered,
): Promise<Sketch> {
  const record = recordToUndo(state, request.record);
  const then = await loadDesired(deps.documents, record.before);
  if (then === undefined)
    throw new WaybillError('record-not-rollbackable', {
      record: record.id,
      reason: 'before it nothing was installed; the opposite of an install is a removal.',
    });
  const manifest = await loadManifest(deps.documents, then.manifest);
  const template = ({ templateKey }: DesiredComponent): TemplateItems => {
    const found = manifest.components.find(({ key }) => key === templateKey);
    return found === undefined ? {} : templateItems(found, manifest);
  };
  const options = { removeAdded: request.removeAdded ?? false, restoreRemoved: request.restoreRemoved ?? false };
  const sides = { now, then, since: record.proposedAt, settings: gathered.settings, template, ...options };
  const known = await contentsFor(deps, [now, then], gathered.settings);
  const draft = withAccepted(
    request,
    Object.values(now.components),
    (accept, around) => planRollback({ ...sides, accept }, around),
    await gathered.surroundings(gathered.settings.length, known),
  );
  return {
    request,
    draft,
    to: { version: then.version, manifest: then.manifest },
    undoes: record.id,
    ours: now,
    contents: new Map(),
    known,
  };
}

/** The texts of all configuration files that a plan may come to use. */
async function contentsFor(
  deps: Pick<DeliveryDependencies, 'documents'>,
  states: readonly (Desired | undefined)[],
  settings: readonly PendingSetting[],
  brought: ReadonlyMap<Digest, string> = new Map(),
): Promise<ReadonlyMap<Digest, string>> {
  const known = new Map(brought);
  for (const state of states)
    if (state !== undefined)
      for (const [digest, text] of await loadContents(deps.documents, state, known)) known.set(digest, text);
  for (const { path, value } of settings) {
    if (kindOf(path) !== 'file' || value === null) continue;
    const { document } = value as FileValue;
    known.set(document, Buffer.from(await deps.documents.get(document)).toString('utf8'));
  }
  return known;
}

/** At most: every port of every replica. */
function portsToAssign(manifest: Manifest, ours: Desired | undefined, settings: readonly PendingSetting[]): number {
  const present = Object.values(ours?.components ?? {});
  return manifest.components.reduce((sum, { key, ports, replicas }) => {
    const mine = present.find((one) => one.templateKey === key);
    const wanted = settings.find((one) => one.component === (mine?.key ?? key) && one.path === 'replicas')?.value;
    const counts = [replicas.initial, mine === undefined ? 1 : replicasOf(mine), Number(wanted ?? 1)];
    return sum + ports.length * Math.max(...counts);
  }, 0);
}
