import type { ContentStore, Staging } from '@waybill/content-store';
import { handle, type CommandContext, type RecordedEvent } from '@waybill/event-store';
import {
  hasCode,
  isWaybillError,
  parseVersion,
  WaybillError,
  withoutUndefined,
  type Digest,
  type Instant,
  type ProgressBoard,
  type Report,
  type TemplateKey,
} from '@waybill/kernel';
import {
  imageFinder,
  manifestDigest,
  normalise,
  type Manifest,
  type Notice,
  type RegistryDigest,
  type SourceFormat,
} from '@waybill/packaging';
import { contentOfImages, imageListOf, summaryOf, type ImageList } from '../domain/imageList.js';
import { lowerThan } from '../domain/comparison.js';
import { diffManifests, type ManifestDifference } from '../domain/diffManifests.js';
import { withdrawalOf, type Template } from '../domain/template.js';
import type { StoredContent } from '../domain/importEvents.js';
import { templateStream } from '../domain/streams.js';
import type { TemplateCommand } from '../domain/templateDecider.js';
import type { SourceInstance, TemplateEvent, VersionContent } from '../domain/templateEvents.js';
import { assertAcceptable, judge, type Verdict } from '../domain/verdict.js';
import { amendedDraft } from './amendedDraft.js';
import { bringImages, type ImageOrigin } from './bringImages.js';
import { publishStaging } from './cleanUp.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadAddedVersion, loadTemplate, templateHandling } from './handling.js';
import { imageNamed } from './imageNamed.js';
import { asDocument, layersOf } from './inspection.js';
import { writtenSource, type PublishSource } from './publishSource.js';
import { referencesIn } from './references.js';
import { takeComponents } from './takeComponents.js';
import { takeContent } from './takeContent.js';

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

export interface PublishResult {
  readonly template: TemplateKey;
  readonly version: string;
  readonly manifest: Digest;
  readonly verdict: Verdict;
  /** `checked`: a dry run. */
  readonly outcome: 'published' | 'already-present' | 'checked';
  /** What the content store did not have. */
  readonly stored: StoredContent;
  readonly notices: readonly Notice[];
  /** What the next lower version said otherwise, where there is one. */
  readonly difference?: { readonly from: string; readonly changes: ManifestDifference };
  /** The version was there already and keeps the notes it has; others were given. */
  readonly notesKept?: true;
  /** The version was there already and is on offer no more: why. */
  readonly withdrawn?: string;
  /** Of the template's stream and of the log; absent after a dry run. */
  readonly revision?: bigint;
  readonly position?: bigint;
}

/** The operation under which a publication can be followed while it runs. */
export const publishOperation = (context: Pick<CommandContext, 'commandId'>): string => `publish-${context.commandId}`;

/**
 * Publishes a version from its metadata and image archives. Nothing is visible before everything was verified; the answer
 * comes when the version is in the catalog. The files stay where they are: the caller removes them (`forgetUpload`) when nobody can ask again.
 * @throws WaybillError `template-key-differs`, `image-not-found`, `version-number-differs`, `version-content-differs`, `version-spelling-clash`, `invalid-version`,
 * what reading the metadata and the archives throws
 */
export type Publish = (request: PublishRequest, context: CommandContext) => Promise<PublishResult>;

/** How a publication stands. In memory only: what was published is in the log, and whoever publishes gets an answer. */
export type Publication =
  | { readonly state: 'running'; readonly began: Instant }
  | { readonly state: 'succeeded'; readonly began: Instant; readonly ended: Instant; readonly result: PublishResult }
  | {
      readonly state: 'failed';
      readonly began: Instant;
      readonly ended: Instant;
      /** Absent: what failed has no code, and is in the server's log. */
      readonly failure?: WaybillError;
    };

/** The publications of this server. */
export interface Publications {
  /** A command that is repeated while it still runs gets the answer of the first. */
  readonly publish: Publish;
  /** While it runs, and for a while after its end. */
  find(operation: string): Publication | undefined;
}

/** As many are remembered after their end. */
const REMEMBERED = 50;

export function publications(deps: CatalogDependencies, progress: ProgressBoard): Publications {
  const running = new Map<string, Promise<PublishResult>>();
  const known = new Map<string, Publication>();

  async function followed(request: PublishRequest, context: CommandContext): Promise<PublishResult> {
    const operation = publishOperation(context);
    const began = deps.clock.now();
    const note = (publication: Publication) => {
      known.set(operation, publication);
      progress.clear(operation);
    };
    known.set(operation, { state: 'running', began });
    for (const old of [...known.keys()].slice(0, -REMEMBERED)) known.delete(old);
    try {
      const result = await publish(deps, (report) => progress.report(operation, report), request, context);
      note({ state: 'succeeded', began, ended: deps.clock.now(), result });
      return result;
    } catch (error) {
      const ended = deps.clock.now();
      note({ state: 'failed', began, ended, ...(isWaybillError(error) ? { failure: error } : {}) });
      throw error;
    }
  }

  return {
    publish(request, context) {
      // The digest is part of it: the same key with another request must not be given this one's answer.
      const command = `${context.commandId} ${context.commandDigest}`;
      const present = running.get(command);
      if (present !== undefined) return present;
      const begun = followed(request, context).finally(() => running.delete(command));
      running.set(command, begun);
      return begun;
    },
    find: (operation) => known.get(operation),
  };
}

async function publish(
  deps: CatalogDependencies,
  tell: (report: Report) => void,
  request: PublishRequest,
  context: CommandContext,
): Promise<PublishResult> {
  const staging = await deps.content.stage(
    publishStaging(deps, `${context.commandId}-${context.commandDigest.slice(0, 16)}`),
  );
  try {
    const draft = await readDraft(deps, request, staging, tell);
    const archives = request.images.length;
    tell({ step: 'storing the images', steps: { done: archives, total: archives + 1 } });
    return await take(deps, draft, context, staging, deps.content);
  } finally {
    await staging.discard();
  }
}

interface Draft {
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

async function readDraft(
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

async function take(
  deps: CatalogDependencies,
  draft: Draft,
  context: CommandContext,
  staging: Staging,
  content: ContentStore,
): Promise<PublishResult> {
  const { manifest, digest, notices } = draft;
  const { key } = manifest.template;
  // Asked first, so that what is refused leaves neither documents nor layers behind.
  const template = await loadTemplate(deps, key);
  const verdict = judge(template, { version: manifest.version, manifest: digest });
  assertAcceptable(verdict, key, manifest.version);
  const about = {
    template: key,
    version: manifest.version,
    manifest: digest,
    verdict,
    notices,
    ...(await differenceTo(deps, template, manifest)),
    ...(verdict.kind === 'already-present' ? await asItStands(deps, template, draft) : {}),
  };
  if (context.dryRun === true) return { ...about, outcome: 'checked', stored: { layers: 0, blobs: 0, bytes: 0 } };
  for (const bytes of draft.documents.values()) await deps.documents.put(bytes);
  const source = await deps.documents.put(draft.source);
  await deps.documents.putJson(asDocument(manifest));
  const imageList = await deps.documents.putJson(asDocument(draft.images));
  const stored = await takeContent(content, staging, contentOfImages(draft.images));
  const handled = await handle(
    templateHandling(deps),
    templateStream(key),
    { ...command(draft, { source, imageList }), stored },
    context,
  );
  // Once more: only from now on does the log say that it is needed here.
  await takeContent(content, staging, contentOfImages(draft.images));
  return {
    ...about,
    outcome: handled.outcome === 'nothing' ? 'already-present' : 'published',
    stored,
    ...(handled.outcome === 'repeated' ? asThen(handled.events) : {}),
    revision: handled.revision,
    position: handled.position,
  };
}

/** What whoever publishes a version again must know of the one that is there. */
async function asItStands(
  deps: Pick<CatalogDependencies, 'store'>,
  template: Template,
  { manifest, digest, notes }: Draft,
): Promise<Pick<PublishResult, 'notesKept' | 'withdrawn'>> {
  const { event } = await loadAddedVersion(deps, manifest.template.key, manifest.version);
  return {
    ...(notes === undefined || notes === event.data.notes ? {} : { notesKept: true }),
    ...withoutUndefined({ withdrawn: withdrawalOf(template, digest)?.reason }),
  };
}

async function differenceTo(
  deps: CatalogDependencies,
  template: Template,
  manifest: Manifest,
): Promise<Pick<PublishResult, 'difference'>> {
  const before = lowerThan(template, manifest.version);
  if (before === undefined) return {};
  const other = await deps.documents.getJson<Manifest>(before.manifest);
  return { difference: { from: before.version, changes: diffManifests(other, manifest) } };
}

/** What was found when this very command was carried out: by now the catalog and the content store have what it brought. */
function asThen(events: readonly RecordedEvent<TemplateEvent>[]): Partial<Pick<PublishResult, 'verdict' | 'stored'>> {
  const first = events.some(({ event }) => event.type === 'template-registered');
  const published = events.map(({ event }) => event).find((event) => event.type === 'version-published');
  return {
    verdict: { kind: first ? 'new-template' : 'new-version' },
    ...(published?.data.stored === undefined ? {} : { stored: published.data.stored }),
  };
}

const command = (
  { manifest, ...draft }: Draft,
  documents: Pick<VersionContent, 'source' | 'imageList'>,
): Omit<Extract<TemplateCommand, { type: 'publish-version' }>, 'stored'> => ({
  type: 'publish-version',
  content: {
    template: manifest.template.key,
    name: manifest.template.name,
    version: manifest.version,
    manifest: draft.digest,
    manifestSchema: manifest.schema,
    ...documents,
    ...(draft.format === 'ram' ? {} : { sourceFormat: draft.format }),
    images: summaryOf(draft.images),
    components: manifest.components.length,
    notices: draft.notices.length,
  },
  ...withoutUndefined({ notes: draft.notes, instance: draft.instance }),
  ...(draft.registry.length === 0
    ? {}
    : { registry: [...draft.registry].sort((a, b) => (a.reference < b.reference ? -1 : 1)) }),
});
