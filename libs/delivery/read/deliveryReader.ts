import { WaybillError, type Digest, type InstanceId, type RecordId } from '@waybill/kernel';
import type { DeliveryDependencies, OfferedVersion } from '../app/dependencies.js';
import { findPlan } from '../app/loadDocuments.js';
import { readRetention } from '../app/retention.js';
import type { Origin } from '../domain/desired.js';
import type { Plan, PlanItem } from '../domain/plan.js';
import type { RetentionPolicy } from '../domain/retention.js';
import { readHistory, type RecordView } from './history.js';
import { findInstance, instanceOfRecord, listInstances, type InstanceSummary } from './instances.js';
import { readInstance, readInstanceAt, type InstanceView } from './instanceState.js';
import { readLive, type LiveComponent } from './liveState.js';
import { listRuns, type RunView } from './runs.js';
import { loadTold, type SetBy } from './settingEvents.js';
import { readRunning, type RunningVersion } from './running.js';
import { readSettingHistory, type SettingEntry } from './settingHistory.js';
import { readSettings, withWho, type SettingView } from './settings.js';
import { readUpgrades } from './upgrades.js';

/** Everything that can be asked of delivery. Instances are named by id or name; all reads but `live` are folds over the log. */
export interface DeliveryReader {
  list(options: Parameters<typeof listInstances>[1]): readonly InstanceSummary[];
  find(idOrName: string): InstanceSummary;
  instance(id: InstanceId): Promise<InstanceView>;
  instanceAt(id: InstanceId, time: string): Promise<InstanceView & { readonly at: string }>;
  live(view: InstanceView): Promise<readonly LiveComponent[]>;
  settings(id: InstanceId): Promise<{ readonly settings: readonly SettingView[]; readonly revision: bigint }>;
  settingHistory(id: InstanceId, item?: string): Promise<readonly SettingEntry[]>;
  /** Adds to what a plan says of the site's own values who set them, and when. */
  settersOf(plan: Plan): Promise<readonly (PlanItem & { readonly setBy?: Origin & Partial<SetBy> })[]>;
  /** What the next version of its template would say, were it published from the instance. */
  running(id: InstanceId): Promise<RunningVersion>;
  upgrades(id: InstanceId): Promise<{ readonly current: string | null; readonly upgrades: readonly OfferedVersion[] }>;
  history(id: InstanceId): Promise<readonly RecordView[]>;
  record(id: RecordId): Promise<RecordView>;
  /** Latest first; `place` is what the next page begins before. */
  runs(id: InstanceId, options: Parameters<typeof listRuns>[2]): readonly (RunView & { readonly place: number })[];
  plan(digest: Digest): Promise<Plan>;
  /** How far back a rollback must remain possible. */
  retention(id: InstanceId): Promise<{ readonly policy: RetentionPolicy; readonly revision: bigint }>;
}

export function deliveryReader(dependencies: DeliveryDependencies): DeliveryReader {
  const deps = { ...dependencies, ...dependencies.reading };
  const { db } = deps.readModels;
  return {
    list: (options) => listInstances(db, options),
    find: (idOrName) => findInstance(db, idOrName),
    instance: (id) => readInstance(deps, id),
    instanceAt: (id, time) => readInstanceAt(deps, id, time),
    live: (view) => readLive(deps.runtime, view),
    settings: (id) => readSettings(deps, id),
    settingHistory: (id, item) => readSettingHistory(deps, id, item),
    async settersOf({ instance, items }) {
      if (!items.some(({ setBy }) => setBy?.kind === 'site')) return items;
      const { told } = await loadTold(deps, instance.id);
      return items.map((item) => (item.setBy === undefined ? item : { ...item, setBy: withWho(item.setBy, told) }));
    },
    running: (id) => readRunning(dependencies, id),
    upgrades: (id) => readUpgrades(deps, id),
    history: (id) => readHistory(deps, id),
    async record(id) {
      const found = (await readHistory(deps, instanceOfRecord(db, id))).find((record) => record.id === id);
      if (found === undefined) throw new WaybillError('record-not-found', { record: id });
      return found;
    },
    runs: (id, options) => listRuns(db, id, options),
    plan: (digest) => findPlan(deps.documents, digest),
    retention: (id) => readRetention(deps, id),
  };
}
