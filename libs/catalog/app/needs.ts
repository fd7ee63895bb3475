import type { Digest, Instant, ExportId, ImportId, TemplateKey } from '@waybill/kernel';
import type { StoredEvent } from '@waybill/event-store';
import type { ContentList } from '../domain/contentOf.js';
import { exportDecider } from '../domain/exportDecider.js';
import type { Export } from '../domain/export.js';
import { contentOfImages, type ImageList } from '../domain/imageList.js';
import { evolveImport, noImport, type Import } from '../domain/import.js';
import { exportSerde, importSerde, templateSerde } from '../domain/serde.js';
import { evolveTemplate, noTemplate, withdrawalOf, type Template } from '../domain/template.js';
import type { SbomAttached, VersionContent } from '../domain/templateEvents.js';
import type { CatalogDependencies } from './dependencies.js';
import type { Need } from './need.js';
import { contentOfInspection, type Inspection } from './inspection.js';

/** A version, on offer or not. */
export interface HeldVersion {
  readonly template: TemplateKey;
  readonly version: string;
  readonly content: ContentList;
  /** Their configurations; the blobs of `content` are these and its bills of materials. */
  readonly images: readonly Digest[];
  /** Why it is on offer no more. */
  readonly withdrawn?: string;
}

/** A package that lies here. */
export interface HeldExport {
  readonly id: ExportId;
  readonly template: TemplateKey;
  readonly version: string;
  readonly file: { readonly name: string; readonly size: number };
  readonly written: Instant;
}

/** What of the content is spoken for, as the log has it at this moment. */
export interface Holdings {
  readonly versions: readonly HeldVersion[];
  readonly exports: readonly HeldExport[];
  /** Of versions on offer, of imports that go on, and of all whom the catalog does not know. */
  readonly needs: readonly Need[];
}

/**
 * Folds the catalog in one reading of the log: an import ends only when its version is there, so whatever it brings is seen as the one or the other.
 */
export async function holdings(deps: CatalogDependencies): Promise<Holdings> {
  const folded = folding();
  for await (const event of deps.store.readAll(undefined, { prefixes: ['template-', 'import-', 'export-'] }))
    folded.take(event);
  const versions = await Promise.all(folded.versions().map((one) => heldVersion(deps, one)));
  const writing = new Set(folded.writing().map(({ template, version }) => `${template} ${version}`));
  return {
    versions,
    exports: folded.completed(),
    needs: [
      ...versions.flatMap(({ template, version, content, withdrawn }): readonly Need[] => {
        const name = `${template} ${version}`;
        if (withdrawn === undefined) return [{ ...content, because: `${name} is on offer` }];
        return writing.has(name) ? [{ ...content, because: `${name} is being exported` }] : [];
      }),
      ...(await Promise.all(folded.imports().map((one) => needOfImport(deps, one)))),
      ...((await deps.neededElsewhere?.()) ?? []),
    ],
  };
}

interface Added {
  readonly content: VersionContent;
  /** Digests of its bills of materials. */
  readonly sboms: readonly Digest[];
  readonly withdrawn?: string;
}

interface Folded {
  readonly state: Template;
  readonly added: VersionContent[];
  readonly sboms: SbomAttached['data'][];
}

function folding() {
  const templates = new Map<string, Folded>();
  const imports = new Map<ImportId, Import>();
  const exports = new Map<ExportId, { readonly state: Export; readonly at: Instant }>();

  function takeTemplate(stored: StoredEvent): void {
    const event = templateSerde.decode(stored);
    const { state, added, sboms } = templates.get(stored.stream) ?? { state: noTemplate, added: [], sboms: [] };
    if (event.type === 'version-published' || event.type === 'version-imported') added.push(event.data);
    if (event.type === 'sbom-attached') sboms.push(event.data);
    templates.set(stored.stream, { state: evolveTemplate(state, event), added, sboms });
  }

  return {
    take(stored: StoredEvent): void {
      if (stored.stream.startsWith('template-')) {
        takeTemplate(stored);
        return;
      }
      if (stored.stream.startsWith('import-')) {
        const id = stored.stream.slice('import-'.length) as ImportId;
        imports.set(id, evolveImport(imports.get(id) ?? noImport, importSerde.decode(stored)));
        return;
      }
      const id = stored.stream.slice('export-'.length) as ExportId;
      const { event, metadata } = exportSerde.record(stored);
      const before = exports.get(id)?.state ?? exportDecider.initialState();
      exports.set(id, { state: exportDecider.evolve(before, event), at: metadata.recordedAt });
    },
    versions: (): readonly Added[] =>
      [...templates.values()].flatMap(({ state, added, sboms }) =>
        added.map((content) => {
          const withdrawal = withdrawalOf(state, content.manifest);
          const own = sboms.filter(({ manifest }) => manifest === content.manifest).map(({ digest }) => digest);
          return { content, sboms: own, ...(withdrawal === undefined ? {} : { withdrawn: withdrawal.reason }) };
        }),
      ),
    imports: () =>
      [...imports].flatMap(([id, state]) =>
        state.kind === 'inspected' || state.kind === 'storing' || state.kind === 'cataloguing' ? [{ id, state }] : [],
      ),
    writing: () => [...exports.values()].flatMap(({ state }) => (state.kind === 'writing' ? [state.request] : [])),
    completed: (): readonly HeldExport[] =>
      [...exports].flatMap(([id, { state, at }]) => {
        if (state.kind !== 'completed') return [];
        const { template, version } = state.request;
        const { name, size } = state.file;
        return [{ id, template, version, file: { name, size }, written: at }];
      }),
  };
}

async function heldVersion(
  { documents }: CatalogDependencies,
  { content: { template, version, imageList }, sboms, withdrawn }: Added,
): Promise<HeldVersion> {
  const { layers, blobs } = contentOfImages(await documents.getJson<ImageList>(imageList));
  const content = { layers, blobs: [...blobs, ...sboms] };
  return { template, version, content, images: blobs, ...(withdrawn === undefined ? {} : { withdrawn }) };
}

async function needOfImport(
  { documents }: CatalogDependencies,
  {
    id,
    state,
  }: { readonly id: ImportId; readonly state: Extract<Import, { kind: 'inspected' | 'storing' | 'cataloguing' }> },
): Promise<Need> {
  const inspection = await documents.getJson<Inspection>(state.facts.inspection);
  return { ...contentOfInspection(inspection), because: `import ${id} has not ended` };
}
