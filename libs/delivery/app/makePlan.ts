import {
  hasCode,
  WaybillError,
  withoutUndefined,
  type ComponentKey,
  type Digest,
  type InstanceId,
  type RecordId,
} from '@waybill/kernel';
import { fileContents, templateItems, type Manifest, type TemplateItems } from '@waybill/packaging';
import {
  kindOf,
  replicasOf,
  valueAt,
  type Desired,
  type DesiredComponent,
  type FileValue,
  type ImageValue,
} from '../domain/desired.js';
import type { Draft, PendingSetting, Surroundings } from '../domain/draft.js';
import { isOpen, lastClosed, type ExistingInstance } from '../domain/instanceState.js';
import { stateDigest } from '../domain/instanceDecider.js';
import type { Plan, PlanKind, PlanStep, PlanWarning, VersionRef } from '../domain/plan.js';
import { planRollback } from '../domain/planRollback.js';
import { lacksSchedule, scheduleOf, scheduleTextOf } from '../domain/schedule.js';
import { planSteps, removalSteps, type RunningUnits, type StepWithSpec } from '../domain/planSteps.js';
import { refuseTooMany } from '../domain/refuseTooMany.js';
import { planUpgrade } from '../domain/planUpgrade.js';
import { planWarnings } from '../domain/warnings.js';
import { acceptedItems } from './acceptedItems.js';
import type { Addressable } from './addressItem.js';
import type { DeliveryDependencies } from './dependencies.js';
import { asCanonical, loadContents, loadDesired, loadManifest } from './loadDocuments.js';
import { sealed } from './planSeal.js';
import { chooseUpgrade, chooseVersion, recordToUndo, sameVersion, type Target } from './planTarget.js';
import { loadInstance } from './streams.js';
import {
  contentWarnings,
  gatherSurroundings,
  refuseWrongArchitecture,
  type Gathered,
  type NeededImage,
} from './surroundings.js';

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

export interface MadePlan {
  readonly digest: Digest;
  readonly plan: Plan;
}

/** Computes a plan and stores it as a document; no event is written. */
export async function makePlan(deps: DeliveryDependencies, request: PlanRequest): Promise<MadePlan> {
  const { state } = await loadInstance(deps, request.instance);
  if (state.status === 'removed') throw new WaybillError('instance-removed', { instance: state.name });
  const ours = await loadDesired(deps.documents, state.desired);
  const gathered = await gatherSurroundings(deps, state, ours);
  const sketch = await sketchPlan(deps, request, state, ours, gathered).catch((error: unknown) => {
    throw refusedMeanwhile(error, state);
  });
  const plan = sealed(deps.secretKey, await complete(deps, sketch, state, gathered));
  return { plan, digest: await deps.documents.putJson(asCanonical(plan)) };
}

/** Refusals that are about what is installed, which an open record is about to change. */
const OF_THE_MOMENT = [
  'no-upgrade-available',
  'upgrade-not-upward',
  'instance-not-installed',
  'instance-already-installed',
  'record-not-rollbackable',
] as const;

function refusedMeanwhile(error: unknown, { records }: ExistingInstance): unknown {
  const open = records.find(isOpen);
  return open !== undefined && OF_THE_MOMENT.some((code) => hasCode(error, code))
    ? new WaybillError('record-open', { record: open.id, kind: open.kind }, { cause: error })
    : error;
}

/** What differs between the kinds of plans. */
interface Sketch {
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

async function sketchPlan(
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

/** A removal leaves nothing: no items to weigh, nothing to reserve. */
const nothingLeft: Draft = { items: [], ports: [], secrets: [], warnings: [] };

async function complete(
  deps: DeliveryDependencies,
  sketch: Sketch,
  state: ExistingInstance,
  gathered: Gathered,
): Promise<Plan> {
  const { draft = nothingLeft, request } = sketch;
  const running = new Map(Object.entries(state.units).map(([key, unit]) => [key as ComponentKey, unit]));
  const worked = await workOut(deps, sketch, state, running);
  refuseTooMany(worked, running, sketch.ours);
  const images = imagesOf(worked, draft);
  refuseWrongArchitecture(images, gathered.engine);
  const names = new Map(Object.values(draft.desired?.components ?? {}).map(({ key, host }) => [key, host]));
  const [warnings, steps, desired] = await Promise.all([
    contentWarnings(deps, images),
    Promise.all(worked.map((one) => storedStep(deps, one))),
    draft.desired === undefined ? null : deps.documents.putJson(asCanonical(draft.desired)),
    gathered.refuseTakenPorts(draft.ports, names),
  ]);
  return withoutUndefined({
    schema: 1,
    kind: request.kind,
    instance: { id: state.id, name: state.name },
    engine: state.engine,
    template: draft.desired?.template ?? state.template,
    from: state.version,
    to: sketch.to,
    basis: { record: lastClosed(state)?.id ?? null, state: stateDigest(state) },
    undoes: sketch.undoes,
    items: draft.items,
    steps,
    ports: draft.ports,
    secrets: draft.secrets,
    images: images.map(({ image }) => image),
    desired,
    removeVolumes: request.removeVolumes ?? false,
    warnings: [
      ...(await withdrawnWarnings(deps, draft, sketch.to)),
      ...draft.warnings,
      ...planWarnings(draft.desired, sketch.manifest, sketch.known),
      ...warnings,
    ],
  } as const);
}

/** Going back to a withdrawn version, or staying at one, is not refused; whoever does it should know. */
async function withdrawnWarnings(
  { templates }: DeliveryDependencies,
  { desired }: Draft,
  to: VersionRef | null,
): Promise<readonly PlanWarning[]> {
  if (desired === undefined || to === null) return [];
  const reason = await templates.withdrawal(desired.template.key, to.version);
  if (reason === undefined) return [];
  return [
    { code: 'version-withdrawn', subject: 'template', message: `version ${to.version} was withdrawn: ${reason}` },
  ];
}

/** The steps; what they refer to is stored first. */
async function workOut(
  deps: DeliveryDependencies,
  sketch: Sketch,
  state: ExistingInstance,
  running: RunningUnits,
): Promise<readonly StepWithSpec[]> {
  const desired = sketch.draft?.desired;
  if (desired === undefined) return removalSteps(running, sketch.ours);
  const contents = await loadContents(deps.documents, desired, sketch.known);
  await Promise.all([...sketch.contents.values()].map((text) => deps.documents.put(Buffer.from(text))));
  return planSteps(running, desired, { instance: { id: state.id, name: state.name }, contents });
}

/** Of what starts now, and of what starts at its times later. */
function imagesOf(worked: readonly StepWithSpec[], draft: Draft): readonly NeededImage[] {
  return worked.flatMap(({ step }) => {
    const component = draft.desired?.components[step.component];
    const atTimes = component !== undefined && scheduleOf(component) !== undefined;
    if (step.action !== 'create' && step.action !== 'replace' && !atTimes) return [];
    const image = component === undefined ? undefined : valueAt<ImageValue>(component, 'image');
    return image === undefined ? [] : [{ component: step.name, image }];
  });
}

async function storedStep(
  deps: Pick<DeliveryDependencies, 'documents'>,
  { step, spec }: StepWithSpec,
): Promise<PlanStep> {
  if (spec === undefined) return step;
  return { ...step, spec: { document: await deps.documents.putJson(asCanonical(spec.value)), digest: spec.digest } };
}
