import { WaybillError, type ComponentKey, type Instant, type RecordId, type Report } from '@waybill/kernel';
import { followUpContext, type Claim, type CommandContext, type RecordedEvent } from '@waybill/event-store';
import type { OpenSecret, Runtime, UnitRef, UnitSpec } from '@waybill/runtime';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { loadPlan, loadServingSpec } from '../app/loadDocuments.js';
import { clearSecrets, opener } from '../app/secrets.js';
import { handleInstance, instanceEvents, loadInstance } from '../app/streams.js';
import type { ProgressEvent } from '../domain/instanceDecider.js';
import type { InstanceEvent } from '../domain/instanceEvents.js';
import { recordOf, type ExistingInstance, type RecordState } from '../domain/instanceState.js';
import { mask } from '../domain/mask.js';
import type { Plan } from '../domain/plan.js';
import type { StepCount } from './stepCount.js';

/** One generation of a component: how it is named on the engine, and what it is made from. */
export interface Generation {
  readonly ref: UnitRef;
  readonly spec: UnitSpec;
}

/** What a runner works with while it carries out one record. Made anew at every attempt, so that it starts from what is recorded. */
export interface Rollout {
  readonly deps: DeliveryDependencies;
  readonly runtime: Runtime;
  readonly state: ExistingInstance;
  readonly record: RecordState;
  readonly plan: Plan;
  readonly openSecret: OpenSecret;
  readonly signal: AbortSignal;
  readonly tell: Tell;
  readonly show: Tell;
  readonly steps: StepCount;
  /** Appends to the instance's stream; telling the same twice writes it once. */
  readonly report: (event: ProgressEvent) => Promise<void>;
  readonly passes: (error: unknown) => boolean;
  /** When the record was proposed. */
  readonly proposedAt: Instant;
  readonly masked: (text: string) => string;
  /** The generation that the plan wants; undefined when nothing runs of it. */
  readonly wanted: (component: ComponentKey) => Promise<Generation | undefined>;
  /** The generation that served before this record. */
  readonly serving: (component: ComponentKey) => Promise<Generation | undefined>;
  /** For commands on other streams that follow from this record. */
  readonly context: (purpose: string) => CommandContext;
}

export interface RolloutOptions {
  /** Under which the record is carried out: what a holder does that has lost it is refused. */
  readonly claim: Pick<Claim, 'epoch' | 'assertHeld'>;
  readonly signal: AbortSignal;
  /** Tells those who watch, and the server's log; nothing is recorded. */
  readonly tell: Tell;
  /** Tells those who watch only: what comes many times a second. */
  readonly show: Tell;
  readonly steps: StepCount;
  /** Is this failure about the moment, so that waiting and calling again is right? */
  readonly passes: (error: unknown) => boolean;
}

export type Tell = (step: string, more?: Omit<Report, 'step' | 'steps'>) => void;

/** Gathers a rollout from what is recorded. @throws WaybillError `record-not-found`, `engine-unreachable`, `engine-changed`, `secret-key-missing` */
export async function openRollout(
  deps: DeliveryDependencies,
  instance: ExistingInstance['id'],
  id: RecordId,
  options: RolloutOptions,
): Promise<Rollout> {
  const { state } = await loadInstance(deps, instance);
  const record = recordOf(state, id);
  const proposal = await proposalOf(deps, instance, id);
  if (record === undefined || proposal === undefined) throw new WaybillError('record-not-found', { record: id });
  const runtime = deps.runtime.guarded(() => options.claim.assertHeld());
  const engine = await runtime.engine();
  if (engine.id !== state.engine)
    throw new WaybillError('engine-changed', { expected: state.engine, actual: engine.id });
  const plan = await loadPlan(deps.documents, record.plan);
  const secrets = clearSecrets(deps.secretKey, state);
  const context = (purpose: string) => {
    // Other streams know nothing of the claim: ports released late would be those of a later record.
    options.claim.assertHeld();
    return followUpContext(proposal, purpose, deps.actor);
  };
  return {
    deps,
    runtime,
    state,
    record,
    plan,
    openSecret: opener(deps.secretKey, state),
    ...options,
    context,
    proposedAt: proposal.metadata.recordedAt,
    masked: (text) => mask(text, secrets),
    report: async (event) => {
      options.signal.throwIfAborted();
      const { epoch } = options.claim;
      await handleInstance(deps, instance, { type: 'report-progress', epoch, event }, context(purposeOf(event)));
    },
    wanted: (component) => wantedGeneration(deps, state, record, plan, component),
    serving: (component) => servingGeneration(deps, state, component),
  };
}

const purposeOf = (event: ProgressEvent): string =>
  'component' in event.data ? `${event.type}/${event.data.component}` : event.type;

async function proposalOf(
  deps: DeliveryDependencies,
  instance: ExistingInstance['id'],
  record: RecordId,
): Promise<RecordedEvent<InstanceEvent> | undefined> {
  for await (const recorded of instanceEvents(deps, instance)) {
    if (recorded.event.type === 'plan-proposed' && recorded.event.data.record === record) return recorded;
  }
  return undefined;
}

async function wantedGeneration(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  record: RecordState,
  plan: Plan,
  component: ComponentKey,
): Promise<Generation | undefined> {
  const spec = plan.steps.find((step) => step.component === component)?.spec;
  if (spec === undefined) return undefined;
  return {
    ref: { instance: state.id, component, record: record.id, specDigest: spec.digest },
    spec: await deps.documents.getJson<UnitSpec>(spec.document),
  };
}

async function servingGeneration(
  deps: DeliveryDependencies,
  state: ExistingInstance,
  component: ComponentKey,
): Promise<Generation | undefined> {
  const unit = state.units[component];
  const spec = await loadServingSpec(deps.documents, state, component);
  if (unit === undefined || spec === undefined) return undefined;
  return { ref: { instance: state.id, component, record: unit.record, specDigest: unit.specDigest }, spec };
}
