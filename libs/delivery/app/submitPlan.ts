import { derivedId, WaybillError, type Digest, type InstanceId, type RecordId } from '@waybill/kernel';
import { childContext, type CommandContext } from '@waybill/event-store';
import { publishedPorts } from '../domain/draft.js';
import { instanceDecider, type ProposePlan } from '../domain/instanceDecider.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { Plan, PlannedPort } from '../domain/plan.js';
import type { DeliveryDependencies } from './dependencies.js';
import { findPlan, loadDesired } from './loadDocuments.js';
import { isSealed } from './planSeal.js';
import { storedGenerated } from './secrets.js';
import { handleEngine, handleInstance, loadInstance } from './streams.js';
import { missingContent } from './surroundings.js';

export interface Submission {
  readonly instance: InstanceId;
  readonly plan: Digest;
  /** Why, in the words of the one who asks. */
  readonly reason?: string | undefined;
  readonly expectedRevision?: bigint | undefined;
}

export interface Submitted {
  readonly record: RecordId;
  readonly position: bigint;
}

/**
 * Opens a record for a plan: reserves what it needs of the engine, then proposes it. The caller starts the rollout.
 * @throws WaybillError `plan-not-found`, `version-withdrawn`, `plan-stale`, `plan-used`, `plan-empty`, `record-open`, `port-taken`, `blob-missing`, `engine-changed`
 */
export async function submitPlan(
  deps: DeliveryDependencies,
  submission: Submission,
  context: CommandContext,
): Promise<Submitted> {
  const record = derivedId('record', context.commandId) as RecordId;
  const { state } = await loadInstance(deps, submission.instance);
  const plan = await findPlan(deps.documents, submission.plan);
  if (!isSealed(deps.secretKey, plan)) throw new WaybillError('plan-not-found', { plan: submission.plan });
  const command: ProposePlan = {
    type: 'propose-plan',
    record,
    plan,
    digest: submission.plan,
    ...(submission.reason === undefined ? {} : { reason: submission.reason }),
    secrets: plan.secrets.map(({ name, version }) => storedGenerated(deps.secretKey, plan.instance.id, name, version)),
  };
  const propose = async () => {
    const options = { expectedRevision: submission.expectedRevision };
    const { position } = await handleInstance(deps, submission.instance, command, context, options);
    return { record, position };
  };
  // A repeated request needs nothing but its answer.
  if (state.records.some((one) => one.id === record)) return propose();
  // Refused before anything is reserved; decided again, on what is then there, when it is proposed.
  instanceDecider.decide(command, state);
  // What was withdrawn since the plan was made is not begun with; to go back to it is another matter.
  if ((plan.kind === 'install' || plan.kind === 'upgrade') && plan.to !== null)
    await deps.templates.version(plan.template.key, plan.to.version);
  if (plan.kind !== 'remove') {
    refuseEmpty(plan, state);
    await refuseMissingContent(deps, plan);
  }
  await reserve(deps, plan, context);
  try {
    return await propose();
  } catch (error) {
    await giveBack(deps, state, context);
    throw error;
  }
}

async function reserve(deps: DeliveryDependencies, plan: Plan, context: CommandContext): Promise<void> {
  const engine = await deps.runtime.engine();
  if (engine.id !== plan.engine) throw new WaybillError('engine-changed', { expected: plan.engine, actual: engine.id });
  await handleEngine(
    deps,
    plan.engine,
    {
      type: 'reserve',
      engine: plan.engine,
      name: engine.name,
      instance: plan.instance.id,
      ports: plan.ports,
      pool: deps.networkPool,
      foreign: await deps.runtime.foreignSubnets(plan.instance.id),
    },
    childContext(context, 'reserve'),
  );
}

function refuseEmpty(plan: Plan, state: ExistingInstance): void {
  const acts =
    plan.steps.some((step) => step.action !== 'keep') || plan.items.some((item) => item.verdict === 'change');
  const waits = Object.keys(state.settings).length > 0;
  if (!acts && !waits && plan.to?.manifest === state.version?.manifest) throw new WaybillError('plan-empty');
}

async function refuseMissingContent(deps: DeliveryDependencies, plan: Plan): Promise<void> {
  const [missing] = await missingContent(
    deps,
    plan.images.map((image) => ({ component: '', image: { ...image } })),
  );
  if (missing !== undefined)
    throw new WaybillError('blob-missing', { digest: missing.digests[0] ?? '?', packages: missing.packages });
}

/** Ports reserved for a plan that was refused go back; those that the instance has stay. */
async function giveBack(deps: DeliveryDependencies, state: ExistingInstance, context: CommandContext): Promise<void> {
  const { state: now } = await loadInstance(deps, state.id);
  if (now.records.length !== state.records.length) return;
  await handleEngine(
    deps,
    state.engine,
    { type: 'release-ports', instance: state.id, keep: await portsOf(deps, state.desired) },
    childContext(context, 'give-back'),
  );
}

/** The host ports that a desired state publishes. */
export async function portsOf(
  deps: Pick<DeliveryDependencies, 'documents'>,
  desired: Digest | null,
): Promise<readonly PlannedPort[]> {
  const loaded = await loadDesired(deps.documents, desired);
  return Object.values(loaded?.components ?? {}).flatMap(publishedPorts);
}
