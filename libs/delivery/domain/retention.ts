import type { Decider, DomainEvent } from '@waybill/event-store';
import type { InstanceId } from '@waybill/kernel';

/** How far back a rollback of an instance must remain possible: to before its last so many records, and to before all that ended in so many days. */
export interface RetentionPolicy {
  readonly records: number;
  readonly days: number;
}

/** Where nobody has said otherwise. */
export const DEFAULT_RETENTION: RetentionPolicy = { records: 3, days: 90 };

export type RetentionPolicySet = DomainEvent<
  'retention-policy-set',
  { readonly instance: InstanceId } & RetentionPolicy
>;

/** By instance; one that is not in it has the default. */
export type Retention = ReadonlyMap<InstanceId, RetentionPolicy>;

export interface SetRetention {
  readonly type: 'set-retention';
  readonly instance: InstanceId;
  readonly policy: RetentionPolicy;
}

export const RETENTION_STREAM = 'retention';

export const retentionOf = (retention: Retention, instance: InstanceId): RetentionPolicy =>
  retention.get(instance) ?? DEFAULT_RETENTION;

/** The rules of `retention`. No event: it is so already. */
export const retentionDecider: Decider<Retention, SetRetention, RetentionPolicySet> = {
  decide({ instance, policy: { records, days } }, state) {
    const before = retentionOf(state, instance);
    return before.records === records && before.days === days
      ? []
      : [{ type: 'retention-policy-set', data: { instance, records, days } }];
  },
  evolve: (state, { data: { instance, records, days } }) => new Map([...state, [instance, { records, days }]]),
  initialState: () => new Map(),
};
