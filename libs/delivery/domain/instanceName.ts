import { WaybillError, type InstanceId } from '@waybill/kernel';
import type { Decider, DomainEvent } from '@waybill/event-store';

/** Who has a name: one stream per normalised name, so that no two instances get the same. */
export type InstanceNameEvent =
  | DomainEvent<'name-taken', { readonly name: string; readonly instance: InstanceId }>
  | DomainEvent<'name-freed', { readonly name: string; readonly instance: InstanceId }>;

export type InstanceNameState = { readonly holder: InstanceId | undefined };

export type InstanceNameCommand = {
  readonly type: 'take' | 'free';
  readonly name: string;
  readonly instance: InstanceId;
};

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

/** Lower case; letters, digits and dashes: it becomes part of the names of containers and networks. @throws WaybillError `invalid-name` */
export function normalisedName(name: string): string {
  const normalised = name.toLowerCase();
  if (!NAME.test(normalised))
    throw new WaybillError('invalid-name', {
      name,
      reason: '1 to 40 letters, digits and dashes, beginning and ending with a letter or digit.',
    });
  return normalised;
}

export const instanceNameStream = (normalised: string): string => `instancename-${normalised}`;

export const instanceNameDecider: Decider<InstanceNameState, InstanceNameCommand, InstanceNameEvent> = {
  initialState: () => ({ holder: undefined }),
  evolve: (_, event) => ({ holder: event.type === 'name-taken' ? event.data.instance : undefined }),
  decide({ type, name, instance }, { holder }) {
    if (type === 'free') return holder === instance ? [{ type: 'name-freed', data: { name, instance } }] : [];
    if (holder === instance) return [];
    if (holder !== undefined) throw new WaybillError('instance-name-taken', { name });
    return [{ type: 'name-taken', data: { name, instance } }];
  },
};
