import { canonicalJson, isDigest, WaybillError, type CanonicalValue, type Digest } from '@waybill/kernel';
import { claimedPayload, envelope, openEnvelope, type Envelope } from './signing/envelope.js';
import { parsePublicKey } from './signing/publicKey.js';
import type { Publisher, PublisherId } from './signing/index.js';

/** Which layers a site holds, so that a package for it can leave them out. */
export interface Inventory {
  readonly schema: 1;
  /** Whose it is: the site's name and id as a publisher, and the public key it was signed with, as OpenSSH writes it. */
  readonly site: { readonly name: string; readonly publisher: PublisherId; readonly key: string };
  /** When it was taken, ISO 8601, UTC. */
  readonly at: string;
  /** Diff ids. Sorted. */
  readonly layers: readonly Digest[];
}

export const INVENTORY_TYPE = 'application/vnd.waybill.inventory+json';

/** States what a site holds, signed with its key. @param layers diff ids in any order */
export function signInventory({ chain, key }: Publisher, at: string, layers: readonly Digest[]): Envelope {
  const inventory: Inventory = {
    schema: 1,
    site: { name: chain.newest.publisher, publisher: chain.publisher, key: key.publicKey.line },
    at,
    layers: [...new Set(layers)].sort(),
  };
  return envelope([key], INVENTORY_TYPE, Buffer.from(canonicalJson(inventory as unknown as CanonicalValue)));
}

/**
 * What an inventory says, when it is as it was signed by the key that it names. Whose key that is does not matter: a false inventory leads to a
 * package that its receiver refuses with the list of what it lacks.
 * @throws WaybillError `inventory-invalid`
 */
export function openInventory(signed: unknown): Inventory {
  const from = envelopeIn(signed);
  const claimed = inventoryIn(claimedPayload(from, INVENTORY_TYPE));
  const opened = openEnvelope(from, INVENTORY_TYPE, [keyIn(claimed.site.key)]);
  if (opened === undefined) throw invalid('the key that it names did not sign it; it was changed on its way.');
  return claimed;
}

function keyIn(line: string) {
  try {
    return parsePublicKey(line);
  } catch (cause) {
    throw invalid('it names no key.', cause);
  }
}

function envelopeIn(value: unknown): Envelope {
  const { payloadType, payload, signatures } = (isObject(value) ? value : {}) as Partial<Envelope>;
  const isEnvelope =
    typeof payloadType === 'string' &&
    typeof payload === 'string' &&
    Array.isArray(signatures) &&
    signatures.length <= 8 &&
    signatures.every((one: unknown) => isObject(one) && typeof one['sig'] === 'string');
  if (!isEnvelope) throw invalid('it is no envelope of signatures (DSSE).');
  return { payloadType, payload, signatures };
}

function inventoryIn(payload: Buffer | undefined): Inventory {
  if (payload === undefined) throw invalid(`it is not of the type ${INVENTORY_TYPE}.`);
  const value = parsed(payload);
  const { schema, site, at, layers } = isObject(value) ? value : {};
  if (schema !== 1) throw invalid('this Waybill reads schema 1 only; a later one may read it.');
  const { name, publisher, key } = isObject(site) ? site : {};
  if (typeof name !== 'string' || typeof publisher !== 'string' || !isDigest(publisher) || typeof key !== 'string')
    throw invalid('it does not say whose it is.');
  if (typeof at !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at)) throw invalid('it does not say of when it is.');
  if (!Array.isArray(layers)) throw invalid('it lists no layers.');
  const digests = layers.filter((one): one is Digest => typeof one === 'string' && isDigest(one));
  if (digests.length !== layers.length) throw invalid('what it lists are not all digests.');
  return { schema, site: { name, publisher, key }, at, layers: digests };
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (cause) {
    throw invalid('it is no JSON.', cause);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const invalid = (reason: string, cause?: unknown) => new WaybillError('inventory-invalid', { reason }, { cause });
