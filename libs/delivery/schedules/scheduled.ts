import type { ComponentKey, EngineId, InstanceId, Instant } from '@waybill/kernel';
import type { DeliveryDependencies } from '../app/dependencies.js';
import { loadDesired } from '../app/loadDocuments.js';
import { loadInstance } from '../app/streams.js';
import { scheduleOf, type Schedule } from '../domain/schedule.js';
import { listInstances } from '../read/instances.js';

/** A component that runs at times. */
export interface Scheduled {
  readonly instance: InstanceId;
  readonly engine: EngineId;
  readonly component: ComponentKey;
  readonly schedule: Schedule;
  /** Since when it does: the end of the instance's last record. */
  readonly since: Instant;
  /** Is the instance being changed right now? */
  readonly changing: boolean;
}

/** Looks up what runs at times; asks the log only for instances that changed since the last look. */
export function scheduledComponents(deps: DeliveryDependencies): () => Promise<readonly Scheduled[]> {
  let known = new Map<InstanceId, { readonly changedAt: string; readonly components: readonly Found[] }>();
  return async () => {
    const found: typeof known = new Map();
    const scheduled: Scheduled[] = [];
    for (const { id, changedAt, status, openRecord, engine } of listInstances(deps.readModels.db, { limit: MOST })) {
      if (status !== 'installed') continue;
      const before = known.get(id);
      const now = before?.changedAt === changedAt ? before : { changedAt, components: await componentsOf(deps, id) };
      found.set(id, now);
      for (const one of now.components)
        scheduled.push({ instance: id, engine, ...one, since: changedAt, changing: openRecord !== null });
    }
    known = found;
    return scheduled;
  };
}

type Found = Pick<Scheduled, 'component' | 'schedule'>;

const MOST = 100_000;

async function componentsOf(deps: DeliveryDependencies, id: InstanceId): Promise<readonly Found[]> {
  const { state } = await loadInstance(deps, id);
  const desired = await loadDesired(deps.documents, state.desired);
  return Object.values(desired?.components ?? {}).flatMap((component) => {
    const schedule = scheduleOf(component);
    return schedule === undefined ? [] : [{ component: component.key, schedule }];
  });
}
