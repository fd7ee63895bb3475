import { hasCode, WaybillError, type CanonicalValue, type ComponentKey, type Digest } from '@waybill/kernel';
import type { Documents } from '@waybill/event-store';
import type { Manifest } from '@waybill/packaging';
import type { UnitSpec } from '@waybill/runtime';
import { itemsOfKind, type Desired, type FileValue } from '../domain/desired.js';
import type { ExistingInstance } from '../domain/instanceState.js';
import type { Plan } from '../domain/plan.js';

/** Documents are canonical JSON; their types only lack the index signature. */
export const asCanonical = (document: Plan | Desired | UnitSpec | Manifest): CanonicalValue =>
  document as unknown as CanonicalValue;

export const loadPlan = (documents: Documents, digest: Digest): Promise<Plan> => documents.getJson<Plan>(digest);

/** The plan of a digest that a caller names, which may be that of any document, or of none. @throws WaybillError `plan-not-found` */
export async function findPlan(documents: Documents, digest: Digest): Promise<Plan> {
  const found = await jsonOrNothing(documents, digest);
  if (!isPlan(found)) throw new WaybillError('plan-not-found', { plan: digest });
  return found;
}

async function jsonOrNothing(documents: Documents, digest: Digest): Promise<unknown> {
  try {
    return JSON.parse(Buffer.from(await documents.get(digest)).toString('utf8')) as unknown;
  } catch (error) {
    // A configuration file is a document too, and no JSON.
    if (hasCode(error, 'document-missing') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isPlan(found: unknown): found is Plan {
  const plan = (found ?? {}) as Partial<Record<keyof Plan, unknown>>;
  return (
    plan.schema === 1 &&
    typeof plan.kind === 'string' &&
    typeof plan.basis === 'object' &&
    Array.isArray(plan.items) &&
    Array.isArray(plan.steps)
  );
}

export const loadManifest = (documents: Documents, digest: Digest): Promise<Manifest> =>
  documents.getJson<Manifest>(digest);
export const loadDesired = async (documents: Documents, digest: Digest | null): Promise<Desired | undefined> =>
  digest === null ? undefined : documents.getJson<Desired>(digest);

/** The texts of every configuration file that a desired state refers to; `known` ones are not read again. */
export async function loadContents(
  documents: Documents,
  desired: Desired,
  known: ReadonlyMap<Digest, string> = new Map(),
): Promise<ReadonlyMap<Digest, string>> {
  const contents = new Map(known);
  for (const component of Object.values(desired.components)) {
    for (const { value } of itemsOfKind<FileValue>(component, 'file')) {
      if (!contents.has(value.document))
        contents.set(value.document, Buffer.from(await documents.get(value.document)).toString('utf8'));
    }
  }
  return contents;
}

/** The spec from which a serving unit was made: that of the plan of the record that made it. */
export async function loadServingSpec(
  documents: Documents,
  state: ExistingInstance,
  component: ComponentKey,
): Promise<UnitSpec | undefined> {
  const unit = state.units[component];
  const record = unit === undefined ? undefined : state.records.find((one) => one.id === unit.record);
  if (record === undefined) return undefined;
  const plan = await loadPlan(documents, record.plan);
  const document = plan.steps.find((step) => step.component === component)?.spec?.document;
  return document === undefined ? undefined : documents.getJson<UnitSpec>(document);
}
