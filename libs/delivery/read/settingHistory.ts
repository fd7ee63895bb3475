import {
  withoutUndefined,
  type CanonicalValue,
  type ComponentKey,
  type EventId,
  type InstanceId,
  type RecordId,
} from '@waybill/kernel';
import type { RecordedEvent } from '@waybill/event-store';
import { findItem, type Addressable } from '../app/addressItem.js';
import { broughtBy, comingVersions } from '../app/comingVersions.js';
import { loadDesired, loadPlan } from '../app/loadDocuments.js';
import { manifestOf } from '../app/manifestOf.js';
import { isSettable } from '../app/settingKinds.js';
import { componentsToBe } from '../app/settings.js';
import { instanceEvents } from '../app/streams.js';
import type { InstanceEvent } from '../domain/instanceEvents.js';
import {
  absent,
  evolveInstance,
  recordOf,
  type ExistingInstance,
  type InstanceState,
} from '../domain/instanceState.js';
import type { Plan, PlanKind } from '../domain/plan.js';
import type { Who } from './history.js';
import { setBy } from './settingEvents.js';
import type { SettingsDependencies } from './settings.js';

/** One thing that happened to one setting. A secret is named, never shown. */
export interface SettingEntry {
  readonly item: string;
  readonly component: { readonly key: ComponentKey; readonly name: string; readonly host: string };
  readonly path: string;
  /** `set`, `given-back`: asked for, and waiting from then on; `withdrawn`: waits no longer; `took-effect`: a record made it so. */
  readonly act: 'set' | 'given-back' | 'withdrawn' | 'took-effect';
  /** What was in effect before the record; absent: nothing, or it is not known because nothing took effect. */
  readonly before?: CanonicalValue;
  /** What was asked for, or is in effect since; absent: nothing. */
  readonly value?: CanonicalValue;
  /** When it took effect, or was asked for; who asked for it, or proposed the record. */
  readonly at: string;
  readonly by: Who;
  readonly event: EventId;
  /** Place of the event in the instance's stream. */
  readonly revision: number;
  /** The record, and the rule of its plan that decided. */
  readonly record?: { readonly id: RecordId; readonly number: number; readonly kind: PlanKind };
  readonly rule?: string;
  readonly reason?: string;
}

type Entry = Omit<SettingEntry, 'item' | 'component'> & { readonly key: ComponentKey };

/**
 * Who set what when, oldest first: what people asked for, and what records made of it. A fold over the instance's events and the plans they name.
 * @param item `<component>/<path>`; absent: every setting
 * @throws WaybillError `instance-not-found`, `component-not-found`, `setting-not-allowed` for what is no item
 */
export async function readSettingHistory(
  deps: SettingsDependencies,
  id: InstanceId,
  item?: string,
): Promise<readonly SettingEntry[]> {
  let state: InstanceState = absent;
  const proposers = new Map<RecordId, Who>();
  const plans: Plan[] = [];
  const entries: Entry[] = [];
  for await (const recorded of instanceEvents(deps, id)) {
    state = evolveInstance(state, recorded.event);
    const { event, metadata } = recorded;
    if (event.type === 'plan-proposed') proposers.set(event.data.record, setBy(metadata).by);
    if (event.type !== 'rollout-completed') {
      entries.push(...asked(recorded));
      continue;
    }
    const record = state.status === 'absent' ? undefined : recordOf(state, event.data.record);
    if (record === undefined || record.kind === 'remove') continue;
    const plan = await loadPlan(deps.documents, record.plan);
    plans.push(plan);
    entries.push(...tookEffect(recorded, plan, record.id, number(state, record.id), proposers.get(record.id)));
  }
  if (state.status === 'absent') return [];
  const components = await namesOf(deps, state, plans, entries);
  const wanted = item === undefined ? undefined : findItem(item, components);
  return entries
    .filter(({ key, path }) => wanted === undefined || (wanted.component.key === key && wanted.path === path))
    .map(({ key, ...entry }) => {
      const component = components.find((one) => one.key === key) ?? { key, name: key, host: key };
      return { item: `${component.host}/${entry.path}`, component, ...entry };
    });
}

const number = (state: InstanceState, record: RecordId): number =>
  state.status === 'absent' ? 0 : 1 + state.records.findIndex(({ id }) => id === record);

function asked({ event, id, metadata, revision }: RecordedEvent<InstanceEvent>): readonly Entry[] {
  if (event.type !== 'setting-changed' && event.type !== 'setting-withdrawn') return [];
  const { component: key, path } = event.data;
  const told = { key, path, ...setBy(metadata), event: id, revision: Number(revision) };
  if (event.type === 'setting-withdrawn') return [{ ...told, act: 'withdrawn' }];
  const { value } = event.data;
  return [value === null ? { ...told, act: 'given-back' } : { ...told, act: 'set', value }];
}

const tookEffect = (
  { id, metadata, revision }: RecordedEvent<InstanceEvent>,
  plan: Plan,
  record: RecordId,
  count: number,
  proposer: Who | undefined,
): readonly Entry[] =>
  plan.items.flatMap(({ component, path, verdict, before, after, rule, reason }) =>
    component === undefined || verdict !== 'change' || path === 'component' || !isSettable(path)
      ? []
      : [
          withoutUndefined({
            key: component.key,
            path,
            act: 'took-effect',
            before,
            value: after,
            at: metadata.recordedAt,
            by: proposer ?? setBy(metadata).by,
            event: id,
            revision: Number(revision),
            record: { id: record, number: count, kind: plan.kind },
            rule,
            reason,
          } as const),
        ],
  );

type Named = Required<Addressable>;

/** What components are called now, or were when they were last there. */
async function namesOf(
  deps: SettingsDependencies,
  state: ExistingInstance,
  plans: readonly Plan[],
  told: readonly Entry[],
): Promise<readonly Named[]> {
  const named = new Map<ComponentKey, Named>();
  if (state.desired === null && state.status === 'created')
    for (const component of componentsToBe(await manifestOf(deps, state))) named.set(component.key, component);
  for (const { items } of plans)
    for (const { component } of items)
      if (component !== undefined) named.set(component.key, { host: component.name, ...component });
  for (const digest of [state.records.findLast(({ before }) => before !== null)?.before ?? null, state.desired]) {
    const desired = await loadDesired(deps.documents, digest);
    for (const { key, name, host } of Object.values(desired?.components ?? {})) named.set(key, { key, name, host });
  }
  const isNamed = ({ key }: { readonly key: ComponentKey }) => named.has(key);
  const awaited = told.every(isNamed) ? [] : await awaitedNames(deps, state);
  return [...named.values(), ...awaited.filter((one) => !isNamed(one))];
}

/** Of components for which something was asked before the upgrade that brings them. */
async function awaitedNames(deps: SettingsDependencies, state: ExistingInstance): Promise<readonly Named[]> {
  const present = Object.values((await loadDesired(deps.documents, state.desired))?.components ?? {});
  return broughtBy(await comingVersions(deps, state), present);
}
