import { handle, handlingOf, stateOf, workingOn, type CommandContext } from '@waybill/event-store';
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

/** Says how far back a rollback must remain possible. @throws WaybillError `instance-not-found` */
export async function setRetention(
  deps: DeliveryDependencies,
  { instance, policy }: Omit<SetRetention, 'type'>,
  context: CommandContext,
): Promise<RetentionAnswer> {
  await loadInstance(deps, instance);
  const { state, outcome, revision, position } = await handle(
    retentions(workingOn(deps, context)),
    RETENTION_STREAM,
    { type: 'set-retention', instance, policy },
    context,
  );
  return { policy: retentionOf(state, instance), changed: outcome !== 'nothing', revision, position };
}

export const loadRetention = ({ store }: Pick<DeliveryDependencies, 'store'>): Promise<Retention> =>
  stateOf(store, retentionSerde, retentionDecider, RETENTION_STREAM);
