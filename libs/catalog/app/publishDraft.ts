import type { Staging } from '@waybill/content-store';
import { hasCode, parseVersion, WaybillError, type Digest, type Report } from '@waybill/kernel';
import {
  imageFinder,
  manifestDigest,
  normalise,
  type Manifest,
  type Notice,
  type RegistryDigest,
  type SourceFormat,
} from '@waybill/packaging';
import { imageListOf, type ImageList } from '../domain/imageList.js';
import type { SourceInstance } from '../domain/templateEvents.js';
import { amendedDraft } from './amendedDraft.js';
import { bringImages, type ImageOrigin } from './bringImages.js';
import type { CatalogDependencies } from './dependencies.js';
import { imageNamed } from './imageNamed.js';
import { layersOf } from './inspection.js';
import { writtenSource, type PublishSource } from './publishSource.js';
import { referencesIn } from './references.js';
import { takeComponents } from './takeComponents.js';

export interface PublishRequest {
  readonly source: PublishSource;
  /** Image archives (docker-save or OCI layout, plain or gzip'ed), or where images are to be had by their names. */
  readonly images: readonly ImageOrigin[];
  /** What the caller believes the metadata says: another key or number is refused. For a Compose file, what it is published as. */
  readonly template?: string;
  readonly version?: string;
  readonly notes?: string;
  /** Images that bills of materials are going to be attached to, as `imageNamed` takes them: told of first, while nothing is published yet. */
  readonly sbomsFor?: readonly string[];
}

/** A version that is read and not published yet; its layers are staged. */
export interface Draft {
  readonly format: SourceFormat;
  readonly source: Uint8Array;
  readonly manifest: Manifest;
  readonly digest: Digest;
  readonly images: ImageList;
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
  readonly notices: readonly Notice[];
  readonly registry: readonly RegistryDigest[];
  readonly notes?: string | undefined;
  readonly instance?: SourceInstance | undefined;
}

/** @throws WaybillError what reading the source and the images throws, `images-not-found`, `image-not-found`, `template-key-differs`, `version-number-differs`, `invalid-version` */
export async function readDraft(
  deps: CatalogDependencies,
  request: PublishRequest,
  staging: Staging,
  tell: (report: Report) => void,
): Promise<Draft> {
  const limits = deps.limits === undefined ? {} : { limits: deps.limits };
  const draft =
    request.source.format === 'amended'
      ? await amendedDraft(deps, request.source, request)
      : writtenSource(request.source, request, limits);
  const taken = await takeComponents(deps, draft.components);
  const brought = await bringImages(deps, request.images, draft.wanted, staging, tell);
  const fromLibrary = [...(draft.images ?? []), ...taken.images];
  // They may be collected meanwhile; one that is not there is told of when all are taken.
  for (const { diffId } of layersOf(fromLibrary)) await staging.holdLayer(diffId);
  const images = [...brought.images, ...fromLibrary];
  const source = draft.document(images, taken.sources);
  const { format } = draft;
  const { manifest, documents, notices } = normalised();
  mustBeAsAsked(request, manifest);
  parseVersion(manifest.version);
  const list = imageListOf(images);
  const named = {
    manifest,
    images: list,
    references: referencesIn({ sourceFormat: format }, { source, manifest, documents, images: list }),
  };
  for (const image of request.sbomsFor ?? []) imageNamed(image, named);
  const digest = manifestDigest(manifest);
  return {
    format,
    source,
    manifest,
    documents,
    notices,
    images: list,
    digest,
    notes: request.notes ?? draft.notes,
    registry: brought.digests,
    instance: request.source.format === 'amended' ? request.source.instance : undefined,
  };

  function normalised() {
    try {
      return normalise(format, source, images, deps.limits);
    } catch (error) {
      const find = imageFinder(images);
      const missing = draft.wanted.map(({ reference }) => reference).filter((one) => find(one) === undefined);
      if (!hasCode(error, 'package-image-missing') || missing.length === 0) throw error;
      throw imagesMissing(missing, request.images, error);
    }
  }
}

/** All at once, and with what to do: for whoever publishes there is no package that something could be missing from. */
function imagesMissing(missing: readonly string[], origins: readonly ImageOrigin[], cause: unknown): WaybillError {
  const places = [
    ...new Set(origins.map(({ kind }) => (kind === 'engine' || kind === 'registry' ? kind : 'archives'))),
  ];
  const reason =
    places.length === 0
      ? 'No place was named where they are: an archive (--images), the engine (--from engine) or their registries (--from registry).'
      : `They are not to be had from: ${places.join(', ')}. Build or pull them, or name another place (--images, --from engine, --from registry).`;
  return new WaybillError('images-not-found', { images: missing.join(', '), reason }, { cause });
}

function mustBeAsAsked({ template, version }: PublishRequest, manifest: Manifest): void {
  if (template !== undefined && template !== manifest.template.key)
    throw new WaybillError('template-key-differs', { found: manifest.template.key, asked: template });
  if (version !== undefined && version !== manifest.version)
    throw new WaybillError('version-number-differs', { found: manifest.version, asked: version });
}
