import { handlingOf, readStream, stateOf, type RecordedEvent } from '@waybill/event-store';
import { WaybillError, type ImportId, type TemplateKey } from '@waybill/kernel';
import { inOrder, type WithdrawnVersion } from '@waybill/packaging';
import type { Import } from '../domain/import.js';
import { importDecider } from '../domain/importDecider.js';
import type { ImportEvent } from '../domain/importEvents.js';
import { importSerde, templateSerde } from '../domain/serde.js';
import { importStream, templateStream } from '../domain/streams.js';
import { manifestOf } from '../domain/comparison.js';
import { withdrawalOf, type Template } from '../domain/template.js';
import { templateDecider } from '../domain/templateDecider.js';
import type { VersionImported, VersionPublished } from '../domain/templateEvents.js';
import type { CatalogDependencies } from './dependencies.js';

type Log = Pick<CatalogDependencies, 'store' | 'clock'>;

export const templateHandling = handlingOf(templateSerde, templateDecider);

export const importHandling = handlingOf(importSerde, importDecider);

/** An import as the log has it now, with the events that later steps are done on behalf of. */
export interface LoadedImport {
  readonly id: ImportId;
  readonly state: Exclude<Import, { kind: 'absent' }>;
  readonly revision: bigint;
  readonly requested: RecordedEvent<ImportEvent>;
  readonly confirmed?: RecordedEvent<ImportEvent>;
  readonly last: RecordedEvent<ImportEvent>;
}

/** @throws WaybillError `import-not-found` */
export async function loadImport({ store }: Pick<Log, 'store'>, id: ImportId): Promise<LoadedImport> {
  let state: Import = importDecider.initialState();
  let first: RecordedEvent<ImportEvent> | undefined;
  let confirmed: RecordedEvent<ImportEvent> | undefined;
  let last: RecordedEvent<ImportEvent> | undefined;
  for await (const recorded of readStream(store, importSerde, importStream(id))) {
    state = importDecider.evolve(state, recorded.event);
    first ??= recorded;
    last = recorded;
    if (recorded.event.type === 'import-confirmed') confirmed = recorded;
  }
  if (state.kind === 'absent' || first === undefined || last === undefined)
    throw new WaybillError('import-not-found', { import: id });
  return {
    id,
    state,
    revision: last.revision,
    requested: first,
    last,
    ...(confirmed === undefined ? {} : { confirmed }),
  };
}

/** The template as the log has it now. */
export const loadTemplate = ({ store }: Pick<Log, 'store'>, key: TemplateKey): Promise<Template> =>
  stateOf(store, templateSerde, templateDecider, templateStream(key));

/** @throws WaybillError `version-withdrawn`; a version that is not there passes */
export async function mustBeOnOffer(log: Pick<Log, 'store'>, key: TemplateKey, version: string): Promise<void> {
  const template = await loadTemplate(log, key);
  const known = manifestOf(template, version);
  const withdrawal = known === undefined ? undefined : withdrawalOf(template, known.manifest);
  if (withdrawal !== undefined)
    throw new WaybillError('version-withdrawn', { template: key, version, reason: withdrawal.reason });
}

/** Every version that was withdrawn, here or by its publisher, for packages that are written now. Sorted by number, then manifest. */
export async function withdrawnSoFar(
  { store }: Pick<Log, 'store'>,
  template: TemplateKey,
): Promise<readonly WithdrawnVersion[]> {
  const found: WithdrawnVersion[] = [];
  for await (const { event, metadata } of readStream(store, templateSerde, templateStream(template))) {
    if (event.type !== 'version-withdrawn') continue;
    const { version, manifest, reason, origin } = event.data;
    found.push({ version, manifest, reason, at: origin.kind === 'package' ? origin.at : metadata.recordedAt });
  }
  return found.sort((a, b) => (inOrder(a, b) ? -1 : 1));
}

/** The event by which the version was added, by the exact text of its number. @throws WaybillError `template-not-found`, `version-not-found` */
export async function loadAddedVersion(
  { store }: Pick<Log, 'store'>,
  template: TemplateKey,
  version: string,
): Promise<RecordedEvent<VersionPublished | VersionImported>> {
  let isTemplate = false;
  for await (const recorded of readStream(store, templateSerde, templateStream(template))) {
    isTemplate = true;
    const { event } = recorded;
    if ((event.type === 'version-published' || event.type === 'version-imported') && event.data.version === version)
      return { ...recorded, event };
  }
  throw isTemplate
    ? new WaybillError('version-not-found', { template, version })
    : new WaybillError('template-not-found', { template });
}
