import type { StoredEvent } from '@waybill/event-store';
import type { Digest } from '@waybill/kernel';
import { instanceSerde } from '../domain/serde.js';

/** The documents that an event of an instance names: a plan, and the state it leads to. Other contexts' events name none. */
export function deliveryDocumentsNamedBy(stored: StoredEvent): readonly Digest[] {
  if (!stored.stream.startsWith('instance-')) return [];
  const event = instanceSerde.decode(stored);
  if (event.type !== 'plan-proposed') return [];
  const { plan, desired } = event.data;
  return desired === null ? [plan] : [plan, desired];
}

/** The id of the key with which the event's secret is sealed, if it holds one. */
export function sealedWith(stored: StoredEvent): string | undefined {
  if (!stored.stream.startsWith('instance-')) return undefined;
  const event = instanceSerde.decode(stored);
  return event.type === 'secret-stored' ? event.data.sealed.keyId : undefined;
}
