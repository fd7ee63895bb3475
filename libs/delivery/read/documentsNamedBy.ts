import type { NamedDocument, StoredEvent } from '@waybill/event-store';
import type { CanonicalValue, Digest } from '@waybill/kernel';
import { manifestDocuments, type Manifest } from '@waybill/packaging';
import { itemsOfKind, type Desired, type FileValue } from '../domain/desired.js';
import type { Plan } from '../domain/plan.js';
import { instanceSerde, runSerde } from '../domain/serde.js';

/** The documents that an event of delivery names: a plan, the state it leads to, a file that a site wants, what a run is made from. Other contexts' events name none. */
export function deliveryDocumentsNamedBy(stored: StoredEvent): readonly NamedDocument[] {
  if (stored.stream.startsWith('runs-')) {
    const run = runSerde.decode(stored);
    return run.type === 'run-started' ? [{ digest: run.data.spec.document }] : [];
  }
  if (!stored.stream.startsWith('instance-')) return [];
  const event = instanceSerde.decode(stored);
  if (event.type === 'setting-changed') return fileOf(event.data.value);
  if (event.type !== 'plan-proposed') return [];
  const { plan, desired } = event.data;
  return [{ digest: plan, within: (content) => namedByPlan(content as Plan) }, ...desiredDocument(desired)];
}

const fileOf = (value: CanonicalValue): readonly NamedDocument[] => {
  const digest = (value as Partial<FileValue> | null)?.document;
  return digest === undefined ? [] : [{ digest }];
};

const namedByPlan = ({ steps, desired, from, to }: Plan): readonly NamedDocument[] => [
  ...steps.flatMap(({ spec }) => (spec === undefined ? [] : [{ digest: spec.document }])),
  ...[from, to].flatMap((version) => (version === null ? [] : [manifestDocument(version.manifest)])),
  ...desiredDocument(desired),
];

const desiredDocument = (digest: Digest | null): readonly NamedDocument[] =>
  digest === null ? [] : [{ digest, within: (content) => namedByDesired(content as Desired) }];

const manifestDocument = (digest: Digest): NamedDocument => ({
  digest,
  within: (content) => manifestDocuments(content as Manifest).map((one) => ({ digest: one })),
});

const namedByDesired = ({ manifest, components }: Desired): readonly NamedDocument[] => [
  manifestDocument(manifest),
  ...Object.values(components).flatMap((component) =>
    itemsOfKind<FileValue>(component, 'file').map(({ value }) => ({ digest: value.document })),
  ),
];

/** The id of the key with which the event's secret is sealed, if it holds one. */
export function sealedWith(stored: StoredEvent): string | undefined {
  if (!stored.stream.startsWith('instance-')) return undefined;
  const event = instanceSerde.decode(stored);
  return event.type === 'secret-stored' ? event.data.sealed.keyId : undefined;
}
