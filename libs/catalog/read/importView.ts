import type { Actor, Documents, EventStore, RecordedEvent } from '@waybill/event-store';
import type { Digest, ImportId, Progress, ProgressBoard } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import { loadImport, loadTemplate } from '../app/handling.js';
import type { Inspection } from '../app/inspection.js';
import { indexOf, missingParts, type MissingPart } from '../app/parts.js';
import { latestOf, manifestOf } from '../domain/comparison.js';
import { diffManifests, type ManifestDifference } from '../domain/diffManifests.js';
import type { Import, ImportResult, ImportState } from '../domain/import.js';
import type { Confirmation, Failure, InspectionFacts, PackageSource, StoredContent } from '../domain/importEvents.js';
import { importOperation } from '../domain/streams.js';
import { withdrawalOf } from '../domain/template.js';
import { judge, type Verdict } from '../domain/verdict.js';
import { acceptanceOf, type AcceptedPackage } from './acceptedPackages.js';

/** Everything about one import, as the log has it now. */
export interface ImportView {
  readonly id: ImportId;
  readonly operation: string;
  readonly state: ImportState;
  readonly source: Pick<PackageSource, 'kind' | 'name'>;
  /** It was confirmed with the request: nobody is waited for. */
  readonly confirm: boolean;
  /** Who requested it. */
  readonly by: Actor;
  /** RFC 3339. */
  readonly requested: string;
  readonly updated: string;
  /** Of a split package: digest of the whole, how many parts there are, and which are still to come. */
  readonly parts?: { readonly package: Digest; readonly count: number; readonly missing: readonly MissingPart[] };
  /** Present from the inspection on. */
  readonly inspection?: Inspection;
  /** By whom and why the package was accepted by name, where that was needed. */
  readonly accepted?: AcceptedPackage;
  /** While a person may still decide: how the package stands to the catalog at this moment. */
  readonly assessment?: Assessment;
  readonly confirmation?: Confirmation;
  readonly stored?: StoredContent;
  readonly result?: ImportResult;
  readonly failure?: Failure;
  /** While this server works on it. */
  readonly progress?: Progress;
  readonly revision: bigint;
}

export interface Assessment {
  readonly verdict: Verdict;
  /** Its publisher has withdrawn it, or somebody here has: it can be taken, and is not offered. */
  readonly withdrawn?: string;
  /** Against the version of that number or, if there is none, against the latest one. */
  readonly difference?: { readonly from: string; readonly changes: ManifestDifference };
}

interface Sources {
  readonly store: EventStore;
  readonly documents: Documents;
  readonly progress: ProgressBoard;
}

/** Read from the log, so that it is never behind. @throws WaybillError `import-not-found` */
export async function viewImport({ store, documents, progress }: Sources, id: ImportId): Promise<ImportView> {
  const { state, requested, last, revision } = await loadImport({ store }, id);
  const facts = 'facts' in state ? state.facts : undefined;
  const running = progress.of(importOperation(id));
  return {
    id,
    operation: importOperation(id),
    state: state.kind,
    source: { kind: state.request.source.kind, name: state.request.source.name },
    confirm: state.request.confirm,
    by: requested.metadata.actor,
    requested: requested.metadata.recordedAt,
    updated: last.metadata.recordedAt,
    ...(await partsIn({ documents }, state)),
    ...(facts === undefined ? {} : { inspection: await documents.getJson<Inspection>(facts.inspection) }),
    ...(state.request.accept === undefined ? {} : await acceptedIn({ store }, id, requested)),
    ...(state.kind === 'inspected' ? { assessment: await assess({ store, documents }, state.facts) } : {}),
    ...('confirmation' in state ? { confirmation: state.confirmation } : {}),
    ...('stored' in state ? { stored: state.stored } : {}),
    ...('result' in state ? { result: state.result } : {}),
    ...('failure' in state ? { failure: state.failure } : {}),
    ...(running === undefined ? {} : { progress: running }),
    revision,
  };
}

async function acceptedIn(
  { store }: Pick<Sources, 'store'>,
  id: ImportId,
  { metadata }: RecordedEvent,
): Promise<Pick<ImportView, 'accepted'>> {
  const accepted = await acceptanceOf(store, id, metadata.personal?.name);
  return accepted === undefined ? {} : { accepted };
}

async function partsIn(
  sources: Pick<Sources, 'documents'>,
  state: Exclude<Import, { kind: 'absent' }>,
): Promise<Pick<ImportView, 'parts'>> {
  const { source } = state.request;
  if (source.kind !== 'parts') return {};
  const missing = state.kind === 'collecting' ? missingParts(await indexOf(sources, source), state) : [];
  return { parts: { package: source.package, count: source.count, missing } };
}

async function assess(
  { store, documents }: Pick<Sources, 'store' | 'documents'>,
  facts: InspectionFacts,
): Promise<Assessment> {
  const template = await loadTemplate({ store }, facts.template);
  const verdict = judge(template, facts);
  const withdrawal = withdrawalOf(template, facts.manifest);
  const about = { verdict, ...(withdrawal === undefined ? {} : { withdrawn: withdrawal.reason }) };
  const from = manifestOf(template, facts.version) ?? latestOf(template);
  if (from === undefined) return about;
  const [before, after] = await Promise.all([
    documents.getJson<Manifest>(from.manifest),
    documents.getJson<Manifest>(facts.manifest),
  ]);
  return { ...about, difference: { from: from.version, changes: diffManifests(before, after) } };
}
