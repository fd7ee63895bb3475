import { hasCode, WaybillError, withoutUndefined, type ComponentKey, type Digest } from '@waybill/kernel';
import { valueAt, type ImageValue } from '../domain/desired.js';
import type { Draft } from '../domain/draft.js';
import { isOpen, lastClosed, type ExistingInstance } from '../domain/instanceState.js';
import { stateDigest } from '../domain/instanceDecider.js';
import type { Plan, PlanStep, PlanWarning, VersionRef } from '../domain/plan.js';
import { scheduleOf } from '../domain/schedule.js';
import { planSteps, removalSteps, type RunningUnits, type StepWithSpec } from '../domain/planSteps.js';
import { refuseTooMany } from '../domain/refuseTooMany.js';
import { planWarnings } from '../domain/warnings.js';
import type { DeliveryDependencies } from './dependencies.js';
import { asCanonical, loadContents, loadDesired } from './loadDocuments.js';
import { sealed } from './planSeal.js';
import { loadInstance } from './streams.js';
import {
  contentWarnings,
  gatherSurroundings,
  refuseWrongArchitecture,
  type Gathered,
  type NeededImage,
} from './surroundings.js';

import { sketchPlan, type PlanRequest, type Sketch } from './sketchPlan.js';

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
