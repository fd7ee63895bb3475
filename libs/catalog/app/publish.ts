import type { ContentStore, Staging } from '@waybill/content-store';
import { handle, type CommandContext, type RecordedEvent } from '@waybill/event-store';
import { withoutUndefined, type Digest, type Report, type TemplateKey } from '@waybill/kernel';
import type { Manifest, Notice } from '@waybill/packaging';
import { contentOfImages, summaryOf } from '../domain/imageList.js';
import { lowerThan } from '../domain/comparison.js';
import { diffManifests, type ManifestDifference } from '../domain/diffManifests.js';
import { withdrawalOf, type Template } from '../domain/template.js';
import type { StoredContent } from '../domain/importEvents.js';
import { templateStream } from '../domain/streams.js';
import type { TemplateCommand } from '../domain/templateDecider.js';
import type { TemplateEvent, VersionContent } from '../domain/templateEvents.js';
import { assertAcceptable, judge, type Verdict } from '../domain/verdict.js';
import { publishStaging } from './cleanUp.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadAddedVersion, loadTemplate, templateHandling } from './handling.js';
import { asDocument } from './inspection.js';
import { readDraft, type Draft, type PublishRequest } from './publishDraft.js';
import { takeContent } from './takeContent.js';

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

/**
 * Publishes a version from its metadata and image archives. Nothing is visible before everything was verified; the answer
 * comes when the version is in the catalog. The files stay where they are: the caller removes them (`forgetUpload`) when nobody can ask again.
 * @throws WaybillError `template-key-differs`, `image-not-found`, `version-number-differs`, `version-content-differs`, `version-spelling-clash`, `invalid-version`,
 * what reading the metadata and the archives throws
 */
export async function publish(
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
