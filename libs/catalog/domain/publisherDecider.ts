import type { Decider } from '@waybill/event-store';
import { WaybillError } from '@waybill/kernel';
import type { PublisherId } from '@waybill/packaging';
import type { AdvancedRoots, PublisherEvent } from './publisherEvents.js';

/** The newest roots of every publisher who ever advanced them here. */
export type OwnPublishers = ReadonlyMap<PublisherId, AdvancedRoots>;

export interface AdvancePublisher {
  readonly type: 'advance-publisher';
  readonly event: PublisherEvent;
}

/** The rules of `publisher`: each root once. @throws WaybillError `conflict` when another server was faster */
export const publisherDecider: Decider<OwnPublishers, AdvancePublisher, PublisherEvent> = {
  decide({ event }, state) {
    const known = state.get(event.data.publisher);
    if (known !== undefined && known.root + 1 !== event.data.root)
      throw new WaybillError('conflict', { what: 'publisher', attempts: 1 });
    return [event];
  },
  evolve: (state, { data: { publisher, root, roots } }) => new Map([...state, [publisher, { publisher, root, roots }]]),
  initialState: () => new Map(),
};
