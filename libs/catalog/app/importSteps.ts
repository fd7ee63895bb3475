import { followUpContext, handle, type CommandContext, type RecordedEvent } from '@waybill/event-store';
import { WaybillError, withoutUndefined, type ProgressBoard } from '@waybill/kernel';
import { digestOfFile, openPackage, readPackage, type InspectedPackage } from '@waybill/packaging';
import { imageListOf, summaryOf } from '../domain/imageList.js';
import type { Import } from '../domain/import.js';
import type { ImportCommand } from '../domain/importDecider.js';
import type { ImportEvent, ImportOutcome, InspectionFacts } from '../domain/importEvents.js';
import { importOperation, importStream, templateStream } from '../domain/streams.js';
import type { TemplateCommand } from '../domain/templateDecider.js';
import { assertAcceptable } from '../domain/verdict.js';
import { prepareConfirmation } from './confirmation.js';
import type { CatalogDependencies } from './dependencies.js';
import { importHandling, templateHandling, type LoadedImport } from './handling.js';
import { asDocument, contentOfInspection, inspectionOf, sbomsIn, type Inspection } from './inspection.js';
import { stageOf } from './importStages.js';
import { locatePackage, readLocated } from './parts.js';
import { advanceRoots } from './trust.js';
import { inspectedSigner, mustBeTrusted, mustHaveLayers, ownPublisher, recordAcceptance } from './trustSigner.js';
import { isStaged, takeContent } from './takeContent.js';

export interface StepEnvironment {
  readonly deps: CatalogDependencies;
  readonly progress: ProgressBoard;
  readonly signal: AbortSignal;
}

type At<Kind extends Import['kind']> = LoadedImport & { readonly state: Extract<Import, { kind: Kind }> };

/**
 * Writes what a step did. The revision is the one the step was begun at: a runner that was taken over, or whose import
 * was discarded meanwhile, is stopped by `revision-mismatch`.
 */
export async function record(
  deps: CatalogDependencies,
  at: { readonly id: LoadedImport['id']; readonly revision: bigint },
  command: ImportCommand,
  cause: RecordedEvent<ImportEvent>,
): Promise<bigint> {
  const context = followUpContext(cause, `${command.type} ${at.id}`, deps.actor);
  const handled = await handle(importHandling(deps), importStream(at.id), command, context, {
    expectedRevision: at.revision,
  });
  // A step that was recorded before answers with the revision of then, which a takeover has passed since.
  return handled.revision > at.revision ? handled.revision : at.revision;
}

/** Reads the package whole into the staging area, and writes down what it holds. */
export async function inspect(environment: StepEnvironment, current: At<'reading'>): Promise<void> {
  const { deps } = environment;
  const { id, requested } = current;
  const found = await readInto(environment, current);
  if (found.format === 'waybill') {
    await mustHaveLayers(found, deps.content);
    await recordAcceptance(deps, current, found);
  }
  const facts = await describe(deps, found, current.state.request.source.name);
  const received = { type: 'receive-package', import: id, file: found.file } as const;
  const revision = await record(deps, current, received, requested);
  await record(deps, { id, revision }, { type: 'record-inspection', import: id, facts }, requested);
}

async function readInto({ deps, progress, signal }: StepEnvironment, { id, state }: At<'reading' | 'storing'>) {
  const operation = importOperation(id);
  const { source, accept } = state.request;
  const located = await locatePackage(deps, state);
  const staging = await deps.content.stage(operation);
  const found = await readLocated(located, (file) =>
    readPackage(file, staging, {
      onSigner: (signer, description) => mustBeTrusted(deps, signer, description, { accept, file: source.name }),
      ...(deps.limits === undefined ? {} : { limits: deps.limits }),
      signal,
      onProgress: (bytes, total) => progress.report(operation, { ...stageOf(state.kind), bytes, total }),
    }),
  );
  if (state.file !== undefined && state.file.digest !== found.file.digest)
    throw new WaybillError('package-changed', {
      path: source.name,
      expected: state.file.digest,
      actual: found.file.digest,
    });
  return found;
}

/** Documents first: an event may name only what is in the log already. */
async function describe(deps: CatalogDependencies, found: InspectedPackage, name: string): Promise<InspectionFacts> {
  const { documents } = deps;
  const { manifest } = found;
  const signer =
    found.format === 'waybill'
      ? inspectedSigner(found.signer, await documents.putJson(asDocument(found.roots)))
      : undefined;
  const inspection = await inspectionOf(found, name, deps.content, signer);
  for (const bytes of found.documents.values()) await documents.put(bytes);
  const source = await documents.put(found.source);
  await documents.putJson(asDocument(manifest));
  return {
    format: found.format,
    template: manifest.template.key,
    name: manifest.template.name,
    version: manifest.version,
    manifest: found.manifestDigest,
    manifestSchema: manifest.schema,
    source,
    ...(found.format === 'waybill' && found.description.source.format !== 'ram'
      ? { sourceFormat: found.description.source.format }
      : {}),
    inspection: await documents.putJson(asDocument(inspection)),
    components: manifest.components.length,
    images: found.images.length,
    notices: found.notices.length,
  };
}

/** Confirms what was confirmed in advance, if the catalog would take it. @throws WaybillError as `assertAcceptable` */
export async function confirmInAdvance({ deps }: StepEnvironment, current: At<'inspected'>): Promise<void> {
  const { version } = current.state.request;
  const prepared = await prepareConfirmation(deps, current.state.facts, { version, automatic: true });
  assertAcceptable(prepared.verdict, prepared.template, prepared.confirmation.version);
  const command = { type: 'confirm-import', import: current.id, confirmation: prepared.confirmation } as const;
  await record(deps, current, command, current.requested);
}

/** Takes the images into the content store; reads the package again when the staging area was lost. */
export async function storeImages(environment: StepEnvironment, current: At<'storing'>): Promise<void> {
  const { deps } = environment;
  const { facts } = current.state;
  const inspection = await deps.documents.getJson<Inspection>(facts.inspection);
  const need = contentOfInspection(inspection);
  const staging = await deps.content.stage(importOperation(current.id));
  if (!(await isStaged(deps.content, staging, need))) await readInto(environment, current);
  const fresh = new Set(inspection.images.flatMap(({ layers }) => layers.filter((l) => l.isNew).map((l) => l.diffId)));
  const stored = await takeContent(deps.content, staging, need, (layer) => fresh.has(layer));
  await recordConfirmed(deps, current, { type: 'record-stored', import: current.id, stored });
}

/** Puts the version into the catalog, in the name of whoever confirmed it. */
export async function enterCatalog({ deps }: StepEnvironment, current: At<'cataloguing'>): Promise<void> {
  const { id, state } = current;
  const { facts, confirmation } = state;
  const confirmed = confirmationOf(current);
  // Who confirmed it in advance is who requested it; the server only wrote that down.
  const { actor } = confirmation.automatic ? current.requested.metadata : confirmed.metadata;
  const context = followUpContext(confirmed, `import-version ${id}`, actor);
  const command = await versionToImport(deps, current);
  await takeRoots(deps, current, context);
  const handled = await handle(templateHandling(deps), templateStream(facts.template), command, context);
  await takeWithdrawals(deps, current);
  const isNew = handled.events.some(({ event }) => event.type === 'version-imported');
  const outcome = isNew ? 'imported' : 'already-present';
  await takeSboms(deps, current, outcome);
  const result = { template: facts.template, version: confirmation.version, outcome } as const;
  await recordConfirmed(deps, current, { type: 'complete-import', import: id, result });
}

/** Before the version counts: a key that its publisher revoked meanwhile must not bring another one in after it. */
async function takeRoots(
  deps: CatalogDependencies,
  { id, state }: At<'cataloguing'>,
  context: CommandContext,
): Promise<void> {
  const { signer } = await deps.documents.getJson<Inspection>(state.facts.inspection);
  if (signer?.kind !== 'signed') return;
  const { publisher, roots } = signer;
  await advanceRoots(deps, { publisher, roots, import: id }, context);
}

/** Only what somebody vouches for, whom the template is bound to: the decider sees to the latter. */
async function takeWithdrawals(deps: CatalogDependencies, current: At<'cataloguing'>): Promise<void> {
  const { id, state } = current;
  const { signer, withdrawn = [] } = await deps.documents.getJson<Inspection>(state.facts.inspection);
  if (signer?.kind !== 'signed' || withdrawn.length === 0) return;
  const { publisher } = signer;
  const command = { type: 'take-withdrawals', import: id, publisher, withdrawn, own: ownPublisher(deps) } as const;
  const context = followUpContext(confirmationOf(current), `take-withdrawals ${id}`, deps.actor);
  await handle(templateHandling(deps), templateStream(state.facts.template), command, context);
}

/** To a version that was here before only somebody who vouches for it adds anything. */
async function takeSboms(deps: CatalogDependencies, current: At<'cataloguing'>, outcome: ImportOutcome): Promise<void> {
  const { id, state } = current;
  const { facts, confirmation } = state;
  const inspection = await deps.documents.getJson<Inspection>(facts.inspection);
  const sboms = sbomsIn(inspection);
  if (sboms.length === 0 || (outcome === 'already-present' && inspection.signer?.kind !== 'signed')) return;
  const { version, manifest } = confirmation;
  const command = { type: 'attach-sboms', template: facts.template, version, manifest, sboms, import: id } as const;
  const context = followUpContext(confirmationOf(current), `attach-sboms ${id}`, deps.actor);
  await handle(templateHandling(deps), templateStream(facts.template), command, context);
}

async function versionToImport(deps: CatalogDependencies, { id, state }: At<'cataloguing'>): Promise<TemplateCommand> {
  const { facts, confirmation, file, request } = state;
  const inspection = await deps.documents.getJson<Inspection>(facts.inspection);
  const images = imageListOf(inspection.images);
  const { sourceVersion } = confirmation;
  return {
    type: 'import-version',
    content: {
      template: facts.template,
      name: facts.name,
      version: confirmation.version,
      manifest: confirmation.manifest,
      manifestSchema: facts.manifestSchema,
      source: facts.source,
      ...(facts.sourceFormat === undefined ? {} : { sourceFormat: facts.sourceFormat }),
      images: summaryOf(images),
      imageList: await deps.documents.putJson(asDocument(images)),
      components: facts.components,
      notices: facts.notices,
    },
    origin: {
      import: id,
      format: facts.format,
      file: { name: request.source.name, ...file },
      ...(sourceVersion === undefined ? {} : { sourceVersion }),
      ...(inspection.signer?.kind === 'signed'
        ? { publisher: { publisher: inspection.signer.publisher, name: inspection.signer.name } }
        : {}),
      ...withoutUndefined({ published: inspection.published, notes: inspection.notes }),
    },
    own: ownPublisher(deps),
  };
}

const recordConfirmed = (deps: CatalogDependencies, current: LoadedImport, command: ImportCommand) =>
  record(deps, current, command, confirmationOf(current));

function confirmationOf({ id, confirmed }: LoadedImport): RecordedEvent<ImportEvent> {
  if (confirmed === undefined) throw new WaybillError('import-not-found', { import: id });
  return confirmed;
}

/** What is left to say of a package that cannot be read: which file it was. */
export async function identifyFile({ deps, signal }: StepEnvironment, current: At<'reading'>): Promise<bigint> {
  if (current.state.file !== undefined) return current.revision;
  const { file: located } = await locatePackage(deps, current.state);
  const bytes = await openPackage(located);
  const digest = await digestOfFile(bytes, () => signal.throwIfAborted()).finally(() => bytes.close());
  const file = { digest, size: bytes.size };
  return record(deps, current, { type: 'receive-package', import: current.id, file }, current.requested);
}
