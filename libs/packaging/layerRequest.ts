import { isDigest, WaybillError, type Digest } from '@waybill/kernel';
import { openInventory } from './inventory.js';

/**
 * What a site writes down when a package leaves out layers that it lacks; whoever made the package answers with one that has them. Nobody signs it: as
 * with a false inventory, a false request leads to a package that its receiver refuses with the list of what it lacks.
 */
export interface LayerRequest {
  readonly schema: 1;
  /** The template's key. */
  readonly template: string;
  readonly version: string;
  readonly manifest: Digest;
  /** Diff ids of the version's layers that the site holds. Sorted. */
  readonly layers: readonly Digest[];
  /** Diff ids of those that neither the site nor the package had. Sorted. */
  readonly missing: readonly Digest[];
}

/** @param value parsed JSON @throws WaybillError `inventory-invalid` */
export function layerRequestIn(value: unknown): LayerRequest {
  if (!isRequest(value)) throw invalid('it is no request for layers.');
  const { schema, template, version, manifest, layers, missing } = value;
  if (schema !== 1) throw invalid('this Waybill reads schema 1 only; a later one may read it.');
  if (typeof template !== 'string' || typeof version !== 'string' || !isDigestText(manifest))
    throw invalid('it does not say for which version it is.');
  return { schema, template, version, manifest, layers: digestsIn(layers), missing: digestsIn(missing) };
}

/** Layers that whoever gave this has: a signed inventory, or a request for what it lacks. @throws WaybillError `inventory-invalid` */
export const layersHeldBy = (value: unknown): readonly Digest[] =>
  isRequest(value) ? layerRequestIn(value).layers : openInventory(value).layers;

const isRequest = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && 'layers' in value && 'missing' in value;

const isDigestText = (value: unknown): value is Digest => typeof value === 'string' && isDigest(value);

function digestsIn(value: unknown): readonly Digest[] {
  if (!Array.isArray(value) || !value.every(isDigestText)) throw invalid('what it lists are not all digests.');
  return value;
}

const invalid = (reason: string) => new WaybillError('inventory-invalid', { reason });
