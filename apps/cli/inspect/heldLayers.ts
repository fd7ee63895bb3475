import { readFile } from 'node:fs/promises';
import { WaybillError, type Digest } from '@waybill/kernel';

/** What a site said it holds. */
export interface HeldLayers {
  readonly site: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly layers: ReadonlySet<Digest>;
}

/** @throws WaybillError `inventory-invalid` */
export async function heldLayers(path: string): Promise<HeldLayers> {
  const { openInventory } = await import('@waybill/packaging');
  const { site, at, layers } = openInventory(await signedIn(path));
  return { site: site.name, at, layers: new Set(layers) };
}

/** A file with an inventory, as JSON. @throws WaybillError `inventory-invalid` */
export async function signedIn(path: string): Promise<unknown> {
  const value = await jsonIn(path);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new WaybillError('inventory-invalid', {
    reason: `${path} is none: a site writes it with waybill inventory -o FILE.`,
  });
}

async function jsonIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? `${path} is no JSON.` : `${path} cannot be read.`;
    throw new WaybillError('inventory-invalid', { reason }, { cause });
  }
}
