import { handle, readStream, workingOn, type CommandContext } from '@waybill/event-store';
import { WaybillError, type Digest, type TemplateKey } from '@waybill/kernel';
import { checkSbom, CYCLONEDX, manifestDocuments, type Manifest } from '@waybill/packaging';
import type { ImageList } from '../domain/imageList.js';
import { keyOfSbom, sortedSboms, type Sbom } from '../domain/sboms.js';
import { templateSerde } from '../domain/serde.js';
import { templateStream } from '../domain/streams.js';
import { publishStaging } from './cleanUp.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadAddedVersion, templateHandling } from './handling.js';
import { imageNamed } from './imageNamed.js';
import { keyOf } from './templateKey.js';
import { takeContent } from './takeContent.js';
import { referencesIn } from './references.js';

export interface SbomToAttach {
  /** Key or unambiguous name. */
  readonly template: string;
  readonly version: string;
  /** An image of the version, as `imageNamed` takes it. */
  readonly image: string;
  readonly bytes: Uint8Array;
}

export interface AttachedSbom extends Sbom {
  readonly template: TemplateKey;
  readonly version: string;
  /** Did it change anything? */
  readonly changed: boolean;
  readonly revision: bigint;
  readonly position: bigint;
}

/** Bills of materials of one image. */
const MOST = 50;

/**
 * Stores a bill of materials beside a version. It is no part of what the version is: its manifest and digest stay as they are.
 * @throws WaybillError `template-not-found`, `template-ambiguous`, `version-not-found`, `image-not-found`, `sbom-invalid`, `package-limit-exceeded`,
 * `invalid-request` for one too many
 */
export async function attachSbom(
  deps: CatalogDependencies,
  { template: named, version, image: asked, bytes }: SbomToAttach,
  context: CommandContext,
): Promise<AttachedSbom> {
  const template = await keyOf(deps, named);
  checkSbom(bytes, 'The bill of materials', deps.limits);
  const { image, manifest } = await imageAsked(deps, template, version, asked);
  const staging = await deps.content.stage(publishStaging(deps, `${context.commandId}-sbom`));
  try {
    const { digest, size } = await staging.putBlob(bytes);
    const sbom = { image, digest, mediaType: CYCLONEDX, size };
    const known = (await attachedTo(deps, template)).get(manifest) ?? [];
    const isNew = !known.some((one) => keyOfSbom(one) === keyOfSbom(sbom));
    if (isNew && known.filter((one) => one.image === image).length >= MOST)
      throw new WaybillError('invalid-request', { reason: `an image has ${MOST} bills of materials at most.` });
    const need = { layers: [], blobs: [digest] };
    if (context.dryRun !== true) await takeContent(deps.content, staging, need);
    const { outcome, revision, position } = await handle(
      templateHandling(workingOn(deps, context)),
      templateStream(template),
      { type: 'attach-sboms', template, version, manifest, sboms: [sbom] },
      context,
    );
    // Once more: only from now on does the log say that it is needed.
    if (context.dryRun !== true) await takeContent(deps.content, staging, need);
    return { ...sbom, template, version, changed: outcome !== 'nothing', revision, position };
  } finally {
    await staging.discard();
  }
}

/** The image that is meant. @throws WaybillError `version-not-found`, `image-not-found` */
async function imageAsked(
  { store, documents }: Pick<CatalogDependencies, 'store' | 'documents'>,
  template: TemplateKey,
  version: string,
  asked: string,
): Promise<{ readonly image: Digest; readonly manifest: Digest }> {
  const { event } = await loadAddedVersion({ store }, template, version);
  const manifest = await documents.getJson<Manifest>(event.data.manifest);
  const images = await documents.getJson<ImageList>(event.data.imageList);
  const texts = new Map<Digest, Uint8Array>();
  for (const digest of manifestDocuments(manifest)) texts.set(digest, await documents.get(digest));
  const source = await documents.get(event.data.source);
  const references = referencesIn(event.data, { source, manifest, documents: texts, images });
  return { image: imageNamed(asked, { manifest, images, references }), manifest: event.data.manifest };
}

/** By the manifest of the version that they are of. */
export async function attachedTo(
  { store }: Pick<CatalogDependencies, 'store'>,
  template: TemplateKey,
): Promise<ReadonlyMap<Digest, readonly Sbom[]>> {
  const found = new Map<Digest, Sbom[]>();
  for await (const { event } of readStream(store, templateSerde, templateStream(template))) {
    if (event.type !== 'sbom-attached') continue;
    const { manifest, image, digest, mediaType, size } = event.data;
    found.set(manifest, [...(found.get(manifest) ?? []), { image, digest, mediaType, size }]);
  }
  return new Map([...found].map(([manifest, sboms]) => [manifest, sortedSboms(sboms)]));
}
