import type { Digest, Instant, RecordId } from '@waybill/kernel';
import type { ManifestImage } from '@waybill/packaging';
import { valueAt, type ImageValue } from '../domain/desired.js';
import type { InstanceEvent } from '../domain/instanceEvents.js';
import {
  absent,
  evolveInstance,
  isOpen,
  type ExistingInstance,
  type InstanceState,
  type RecordState,
} from '../domain/instanceState.js';
import { retentionOf, type RetentionPolicy } from '../domain/retention.js';
import { instanceSerde } from '../domain/serde.js';
import type { DeliveryDependencies } from './dependencies.js';
import { loadDesired } from './loadDocuments.js';
import { loadRetention } from './retention.js';

/** Images that must stay, and what for. */
export interface NeededImages {
  readonly images: readonly Pick<ManifestImage, 'config' | 'diffIds'>[];
  /** For people. */
  readonly because: string;
}

type Sources = Pick<DeliveryDependencies, 'store' | 'documents' | 'clock'>;

/** Of every instance that is not removed: what it runs or is about to, and what its rollbacks lead to as far back as they must remain possible. */
export async function neededImages(deps: Sources): Promise<readonly NeededImages[]> {
  const retention = await loadRetention(deps);
  const found = await Promise.all(
    (await allInstances(deps)).map(({ state, ended }) => {
      const policy = retentionOf(retention, state.id);
      return needsOf(deps, state, targets(state, ended, { policy, now: deps.clock.now() }));
    }),
  );
  return found.flat();
}

/** When each record was closed. */
type Ended = ReadonlyMap<RecordId, Instant>;

interface Folded {
  readonly state: ExistingInstance;
  readonly ended: Ended;
}

async function allInstances({ store }: Sources): Promise<readonly Folded[]> {
  const instances = new Map<string, { state: InstanceState; readonly ended: Map<RecordId, Instant> }>();
  for await (const stored of store.readAll(undefined, { prefixes: ['instance-'] })) {
    const { event, metadata } = instanceSerde.record(stored);
    const known = instances.get(stored.stream) ?? { state: absent, ended: new Map<RecordId, Instant>() };
    if (closes(event)) known.ended.set(event.data.record, metadata.recordedAt);
    instances.set(stored.stream, { ...known, state: evolveInstance(known.state, event) });
  }
  return [...instances.values()].flatMap(({ state, ended }) =>
    state.status === 'absent' || state.status === 'removed' ? [] : [{ state, ended }],
  );
}

const closes = (
  event: InstanceEvent,
): event is Extract<InstanceEvent, { type: 'rollout-completed' | 'rollout-failed' }> =>
  event.type === 'rollout-completed' || event.type === 'rollout-failed';

const DAY = 86_400_000;

/** Records that can be undone, and must remain so. One that was reverted has left nothing to undo. */
export function targets(
  { records }: Pick<ExistingInstance, 'records'>,
  ended: Ended,
  { policy, now }: { readonly policy: RetentionPolicy; readonly now: Instant },
): readonly RecordState[] {
  const oldest = Date.parse(now) - policy.days * DAY;
  const undoable = records.filter(
    ({ status, before }) => (status === 'completed' || status === 'failed') && before !== null,
  );
  const last = new Set(policy.records === 0 ? [] : undoable.slice(-policy.records));
  return undoable.filter((record) => last.has(record) || Date.parse(ended.get(record.id) ?? now) >= oldest);
}

/** What serves need not be what is desired: a rollout that failed half way leaves some of either. */
async function needsOf(
  { documents }: Sources,
  { name, desired, records, units }: ExistingInstance,
  undoable: readonly RecordState[],
): Promise<readonly NeededImages[]> {
  const serving = new Set(Object.values(units).map(({ record }) => record));
  const told = await Promise.all([
    imagesIn(documents, desired, `${name} runs it`),
    ...records
      .filter((record) => isOpen(record) || serving.has(record.id))
      .map((record) =>
        imagesIn(documents, record.desired, isOpen(record) ? `${name} is about to run it` : `${name} runs it`),
      ),
    ...undoable.map((record) =>
      imagesIn(documents, record.before, `${name} can be rolled back to it (record ${records.indexOf(record) + 1})`),
    ),
  ]);
  return told.flat();
}

async function imagesIn(
  documents: Sources['documents'],
  digest: Digest | null,
  because: string,
): Promise<readonly NeededImages[]> {
  const desired = await loadDesired(documents, digest);
  const images = Object.values(desired?.components ?? {}).flatMap((component) => {
    const image = valueAt<ImageValue>(component, 'image');
    return image === undefined ? [] : [image];
  });
  return images.length === 0 ? [] : [{ images, because }];
}
