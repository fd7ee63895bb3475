import { foldOf, handle, handlingOf, stateOf, workingOn, type CommandContext } from '@waybill/event-store';
import type { InstanceId } from '@waybill/kernel';
import {
  RETENTION_STREAM,
  retentionDecider,
  retentionOf,
  type Retention,
  type RetentionPolicy,
  type SetRetention,
} from '../domain/retention.js';
import { retentionSerde } from '../domain/serde.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadInstance } from './streams.js';

export interface RetentionAnswer {
  readonly policy: RetentionPolicy;
  readonly changed: boolean;
  readonly revision: bigint;
  readonly position: bigint;
}

const retentions = handlingOf(retentionSerde, retentionDecider);

/** What was read (If-Match) may be said along: anything newer is refused. */
export interface RetentionRequest extends Omit<SetRetention, 'type'> {
  readonly expectedRevision?: bigint | undefined;
}

/** Says how far back a rollback must remain possible. @throws WaybillError `instance-not-found`, `revision-mismatch` */
export async function setRetention(
  deps: DeliveryDependencies,
  { instance, policy, expectedRevision }: RetentionRequest,
  context: CommandContext,
): Promise<RetentionAnswer> {
  await loadInstance(deps, instance);
  const { state, outcome, revision, position } = await handle(
    retentions(workingOn(deps, context)),
    RETENTION_STREAM,
    { type: 'set-retention', instance, policy },
    context,
    { expectedRevision },
  );
  return { policy: retentionOf(state, instance), changed: outcome !== 'nothing', revision, position };
}

export const loadRetention = ({ store }: Pick<DeliveryDependencies, 'store'>): Promise<Retention> =>
  stateOf(store, retentionSerde, retentionDecider, RETENTION_STREAM);

/** What holds for an instance, and the revision of the stream that says it for all; -1n: nobody said anything yet. */
export async function readRetention(
  { store }: Pick<DeliveryDependencies, 'store'>,
  instance: InstanceId,
): Promise<{ readonly policy: RetentionPolicy; readonly revision: bigint }> {
  const { state, revision } = await foldOf(store, retentionSerde, retentionDecider, RETENTION_STREAM);
  return { policy: retentionOf(state, instance), revision };
}
