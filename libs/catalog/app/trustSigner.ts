import { followUpContext, handle } from '@waybill/event-store';
import { hasCode, WaybillError, type Digest, type ImportId } from '@waybill/kernel';
import {
  trustedChain,
  type InspectedWaybill,
  type PackageDescription,
  type PackageSigner,
  type RootChain,
} from '@waybill/packaging';
import type { Acceptance } from '../domain/importEvents.js';
import { assertPublisher } from '../domain/template.js';
import type { BoundPublisher } from '../domain/templateEvents.js';
import { TRUST_STREAM } from '../domain/streams.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadTemplate, type LoadedImport } from './handling.js';
import type { InspectedSigner } from './inspection.js';
import { trustedPublishers, trustHandling } from './trust.js';

/**
 * Lets a package pass whose publisher is trusted, or that was accepted by name.
 * @throws WaybillError `package-unsigned`, `publisher-unknown`, `publisher-key-revoked`, `publisher-root-conflict`, `publisher-conflict`
 */
export async function mustBeTrusted(
  deps: Pick<CatalogDependencies, 'store' | 'documents' | 'publisherKeys'>,
  signer: PackageSigner,
  { template }: PackageDescription,
  { accept, file }: { readonly accept?: Acceptance | undefined; readonly file: string },
): Promise<void> {
  try {
    trustedChain(signer, await trustedPublishers(deps), file);
  } catch (error) {
    if (!isAccepted(error, signer, accept)) throw error;
  }
  if (signer.kind === 'signed')
    assertPublisher(
      await loadTemplate(deps, template.key),
      template.key,
      publisherOf(signer.publisher),
      ownPublisher(deps),
    );
}

/** Who publishes here. */
export const ownPublisher = ({ publisherKeys }: Pick<CatalogDependencies, 'publisherKeys'>): BoundPublisher =>
  publisherOf(publisherKeys.chain());

const publisherOf = ({ publisher, newest }: RootChain): BoundPublisher => ({ publisher, name: newest.publisher });

function isAccepted(error: unknown, signer: PackageSigner, accept: Acceptance | undefined): boolean {
  if (hasCode(error, 'package-unsigned')) return accept?.kind === 'unsigned';
  return (
    hasCode(error, 'publisher-unknown') &&
    accept?.kind === 'publisher' &&
    signer.kind === 'signed' &&
    signer.publisher.publisher === accept.publisher
  );
}

/** Records that a package is taken because somebody accepted it by name, in that person's name; nothing for one that is trusted anyway. */
export async function recordAcceptance(
  deps: CatalogDependencies,
  { id, requested, state }: LoadedImport,
  { file, signer }: Pick<InspectedWaybill, 'file' | 'signer'>,
): Promise<void> {
  const { accept } = state.request;
  if (accept === undefined || (signer.kind === 'signed' && (await isTrusted(deps, signer)))) return;
  const context = followUpContext(requested, `accept ${id}`, requested.metadata.actor);
  await handle(trustHandling(deps), TRUST_STREAM, acceptance(id, file.digest, signer, accept), context);
}

const isTrusted = async (deps: CatalogDependencies, signer: Extract<PackageSigner, { kind: 'signed' }>) =>
  (await trustedPublishers(deps)).chains.has(signer.publisher.publisher);

function acceptance(id: ImportId, file: Digest, signer: PackageSigner, accept: Acceptance) {
  if (signer.kind === 'signed') {
    const { publisher, newest } = signer.publisher;
    return { type: 'accept-publisher', accepted: { import: id, file, publisher, name: newest.publisher } } as const;
  }
  const reason = accept.kind === 'unsigned' ? accept.reason : '';
  return { type: 'accept-unsigned', accepted: { import: id, file, reason } } as const;
}

/** What the inspection says of the signer. `roots`: document of the package's roots. */
export function inspectedSigner(signer: PackageSigner, roots: Digest): InspectedSigner {
  if (signer.kind === 'unsigned') return { kind: 'unsigned' };
  const { publisher, newest } = signer.publisher;
  return {
    kind: 'signed',
    publisher,
    name: newest.publisher,
    root: newest.version,
    keys: [...signer.keys].sort(),
    roots,
  };
}

/**
 * What the package itself brings is not kept when it is refused, so only what was here before is `present`.
 * @throws WaybillError `layers-missing` for a delta whose base is not here
 */
export async function mustHaveLayers(
  { description, missing }: InspectedWaybill,
  content: Pick<CatalogDependencies['content'], 'hasLayer'>,
): Promise<void> {
  if (missing.length === 0) return;
  const present: Digest[] = [];
  const all = new Set(description.images.flatMap(({ layers }) => layers.map(({ diffId }) => diffId)));
  for (const layer of all) if (await content.hasLayer(layer)) present.push(layer);
  throw new WaybillError('layers-missing', {
    template: description.template.key,
    version: description.version,
    manifest: description.manifest,
    count: missing.length,
    layers: [...missing].sort(),
    present: present.sort(),
  });
}
