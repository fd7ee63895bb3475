import type { EventMetadata, Projection, RecordedEvent, SqlDatabase, StoredEvent } from '@waybill/event-store';
import type { ExportEvent } from '../domain/exportEvents.js';
import type { ImportEvent } from '../domain/importEvents.js';
import { exportSerde, importSerde, templateSerde, trustSerde } from '../domain/serde.js';
import { TRUST_STREAM } from '../domain/streams.js';
import type { TemplateEvent } from '../domain/templateEvents.js';
import { acceptedPackagesSchema, applyTrust, namedActor } from './acceptedPackages.js';

const schema = `
  CREATE TABLE catalog_templates (key TEXT PRIMARY KEY, name TEXT NOT NULL, registered TEXT NOT NULL, revision INTEGER NOT NULL);
  CREATE TABLE catalog_versions (
    template TEXT NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL, manifest TEXT NOT NULL, source TEXT NOT NULL,
    components INTEGER NOT NULL, bytes INTEGER NOT NULL, images TEXT NOT NULL, image_list TEXT NOT NULL, notices INTEGER NOT NULL,
    origin TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL, actor_kind TEXT NOT NULL, actor_role TEXT NOT NULL, actor_name TEXT,
    notes TEXT, registry TEXT, instance TEXT, import TEXT, format TEXT, file_name TEXT, file_digest TEXT, file_size INTEGER, source_version TEXT,
    publisher TEXT, published TEXT, released TEXT, released_by TEXT,
    PRIMARY KEY (template, version));
  CREATE TABLE catalog_withdrawn (
    template TEXT NOT NULL, manifest TEXT NOT NULL, reason TEXT NOT NULL, withdrawn TEXT NOT NULL, withdrawn_by TEXT NOT NULL, account TEXT,
    PRIMARY KEY (template, manifest));
  CREATE TABLE catalog_sboms (
    template TEXT NOT NULL, manifest TEXT NOT NULL, image TEXT NOT NULL, digest TEXT NOT NULL, media_type TEXT NOT NULL,
    size INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (template, manifest, image, digest));
  CREATE TABLE catalog_imports (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
    requested TEXT NOT NULL, updated TEXT NOT NULL, actor TEXT NOT NULL, actor_name TEXT, confirmed_name TEXT,
    package TEXT, parts INTEGER, parts_missing INTEGER,
    file_digest TEXT, file_size INTEGER, template TEXT, template_name TEXT, version TEXT, outcome TEXT, failure TEXT);
  CREATE TABLE catalog_exports (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, template TEXT NOT NULL, version TEXT NOT NULL,
    format TEXT NOT NULL, requested TEXT NOT NULL, updated TEXT NOT NULL, actor TEXT NOT NULL, actor_name TEXT, file TEXT, failure TEXT);
  CREATE INDEX catalog_imports_by_state ON catalog_imports (state);
  ${acceptedPackagesSchema}
`;

/** Templates, versions, imports, exports and packages accepted by name as lists; who, when, how and from which file. */
export const catalogProjection: Projection = {
  name: 'catalog',
  version: 7,
  filter: { prefixes: ['template-', 'import-', 'export-', TRUST_STREAM] },
  init: (db) => db.exec(schema),
  apply(db, event) {
    if (event.stream.startsWith('template-')) applyTemplate(db, templateSerde.record(event));
    else if (event.stream === TRUST_STREAM) applyTrust(db, trustSerde.record(event));
    else if (event.stream.startsWith('export-')) applyExport(db, event, exportSerde.record(event));
    else applyImport(db, event, importSerde.record(event));
  },
};

function applyTemplate(db: SqlDatabase, recorded: RecordedEvent<TemplateEvent>): void {
  applyTemplateEvent(db, recorded);
  const { event, revision } = recorded;
  db.run('UPDATE catalog_templates SET revision = ? WHERE key = ?', Number(revision), event.data.template);
}

function applyTemplateEvent(db: SqlDatabase, { event, metadata, revision }: RecordedEvent<TemplateEvent>): void {
  switch (event.type) {
    case 'publisher-bound':
      return;
    case 'template-registered':
      db.run(
        'INSERT INTO catalog_templates (key, name, registered, revision) VALUES (?, ?, ?, ?)',
        ...[event.data.template, event.data.name, metadata.recordedAt, Number(revision)],
      );
      return;
    case 'version-published':
      insertVersion(db, event.data, metadata, {
        origin: 'published',
        actor_name: metadata.personal?.name ?? null,
        notes: event.data.notes ?? null,
        registry: event.data.registry === undefined ? null : JSON.stringify(event.data.registry),
        instance: event.data.instance === undefined ? null : JSON.stringify(event.data.instance),
      });
      return;
    case 'version-imported':
      insertVersion(db, event.data, metadata, {
        origin: 'imported',
        actor_name: confirmedBy(db, event.data.import),
        import: event.data.import,
        format: event.data.format,
        file_name: event.data.file.name,
        file_digest: event.data.file.digest,
        file_size: event.data.file.size,
        source_version: event.data.sourceVersion ?? null,
        publisher: event.data.publisher === undefined ? null : JSON.stringify(event.data.publisher),
        published: event.data.published ?? null,
        notes: event.data.notes ?? null,
      });
      return;
    case 'version-released': {
      const { template, manifest } = event.data;
      db.run(
        'UPDATE catalog_versions SET released = ?, released_by = ? WHERE template = ? AND manifest = ?',
        ...[metadata.recordedAt, whoDid(metadata), template, manifest],
      );
      return;
    }
    case 'version-withdrawn': {
      const { template, manifest, reason, origin } = event.data;
      const [at, by, account] =
        origin.kind === 'here' ? [metadata.recordedAt, 'here', whoDid(metadata)] : [origin.at, 'publisher', null];
      db.run(
        'INSERT INTO catalog_withdrawn (template, manifest, reason, withdrawn, withdrawn_by, account) VALUES (?, ?, ?, ?, ?, ?)',
        ...[template, manifest, reason, at, by, account],
      );
      return;
    }
    case 'sbom-attached': {
      const { template, manifest, image, digest, mediaType, size } = event.data;
      db.run(
        'INSERT INTO catalog_sboms (template, manifest, image, digest, media_type, size, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[template, manifest, image, digest, mediaType, size, metadata.recordedAt],
      );
    }
  }
}

const whoDid = ({ actor, personal }: EventMetadata): string => JSON.stringify(namedActor(actor, personal?.name));

/** The server wrote the event; the name printed beside it is that of whoever confirmed the import. */
function confirmedBy(db: SqlDatabase, id: string): string | null {
  const row = db.get<{ confirmed_name: string | null }>('SELECT confirmed_name FROM catalog_imports WHERE id = ?', id);
  return row?.confirmed_name ?? null;
}

function insertVersion(
  db: SqlDatabase,
  content: Extract<TemplateEvent, { type: 'version-published' | 'version-imported' }>['data'],
  { actor, recordedAt }: EventMetadata,
  more: Readonly<Record<string, string | number | null>>,
): void {
  const row: Readonly<Record<string, string | number | null>> = {
    template: content.template,
    version: content.version,
    name: content.name,
    manifest: content.manifest,
    source: content.source,
    components: content.components,
    bytes: content.images.reduce((sum, { bytes }) => sum + bytes, 0),
    images: JSON.stringify(content.images),
    image_list: content.imageList,
    notices: content.notices,
    at: recordedAt,
    actor: actor.id,
    actor_kind: actor.kind,
    actor_role: actor.role,
    ...more,
  };
  const columns = Object.keys(row);
  const places = columns.map(() => '?').join(', ');
  db.run(`INSERT INTO catalog_versions (${columns.join(', ')}) VALUES (${places})`, ...Object.values(row));
}

function applyImport(
  db: SqlDatabase,
  stored: StoredEvent,
  { event, metadata }: Pick<RecordedEvent<ImportEvent>, 'event' | 'metadata'>,
): void {
  const id = stored.stream.slice('import-'.length);
  const printedName = metadata.personal?.name ?? null;
  if (event.type === 'import-requested') {
    const { source } = event.data;
    const { kind, name } = source;
    const { recordedAt, actor } = metadata;
    const parts = source.kind === 'parts' ? [source.package, source.count, source.distinct] : [null, null, null];
    db.run(
      `INSERT INTO catalog_imports
         (id, state, source, name, requested, updated, actor, actor_name, confirmed_name, package, parts, parts_missing)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, kind === 'parts' ? 'collecting' : 'reading', kind, name, recordedAt, recordedAt, actor.id],
      ...[printedName, printedName, ...parts],
    );
    return;
  }
  if (event.type === 'part-received') countParts(db, id, -1);
  if (event.type === 'parts-lost') countParts(db, id, event.data.parts.length);
  update(db, 'catalog_imports', id, { ...changeBy(event, printedName), updated: metadata.recordedAt });
}

/** Equal parts are counted once; with the last one the server's turn has come. */
const countParts = (db: SqlDatabase, id: string, more: number): void => {
  db.run(
    `UPDATE catalog_imports SET parts_missing = parts_missing + ?,
       state = CASE WHEN parts_missing + ? = 0 THEN 'reading' ELSE 'collecting' END WHERE id = ?`,
    more,
    more,
    id,
  );
};

function update(
  db: SqlDatabase,
  table: 'catalog_imports' | 'catalog_exports',
  id: string,
  changed: Readonly<Record<string, string | number | null>>,
): void {
  const set = Object.keys(changed).map((column) => `${column} = ?`);
  db.run(`UPDATE ${table} SET ${set.join(', ')} WHERE id = ?`, ...Object.values(changed), id);
}

function applyExport(
  db: SqlDatabase,
  stored: StoredEvent,
  { event, metadata }: Pick<RecordedEvent<ExportEvent>, 'event' | 'metadata'>,
): void {
  const id = stored.stream.slice('export-'.length);
  const { recordedAt, actor, personal } = metadata;
  if (event.type !== 'export-requested') {
    update(db, 'catalog_exports', id, { ...exportChangeBy(event), updated: recordedAt });
    return;
  }
  const { template, version, format } = event.data;
  db.run(
    `INSERT INTO catalog_exports (id, state, template, version, format, requested, updated, actor, actor_name)
     VALUES (?, 'writing', ?, ?, ?, ?, ?, ?, ?)`,
    ...[id, template, version, format, recordedAt, recordedAt, actor.id, personal?.name ?? null],
  );
}

function exportChangeBy(
  event: Exclude<ExportEvent, { type: 'export-requested' }>,
): Readonly<Record<string, string | number | null>> {
  switch (event.type) {
    case 'package-written':
      return { file: JSON.stringify(event.data) };
    case 'export-completed':
      return { state: 'completed' };
    case 'export-failed':
      return { state: 'failed', failure: JSON.stringify(event.data) };
    case 'export-removed':
      return { state: 'removed' };
    case 'taken-over':
      return {};
  }
}

function changeBy(
  event: Exclude<ImportEvent, { type: 'import-requested' }>,
  printedName: string | null,
): Readonly<Record<string, string | number | null>> {
  switch (event.type) {
    case 'part-received':
    case 'parts-lost':
      return {};
    case 'package-received':
      return { file_digest: event.data.digest, file_size: event.data.size };
    case 'package-inspected': {
      const { template, name, version } = event.data;
      return { state: 'inspected', template, template_name: name, version };
    }
    case 'import-confirmed':
      return {
        state: 'storing',
        version: event.data.version,
        ...(event.data.automatic ? {} : { confirmed_name: printedName }),
      };
    case 'images-stored':
      return { state: 'cataloguing' };
    case 'import-completed':
      return { state: 'completed', outcome: event.data.outcome };
    case 'package-refused':
      return { state: 'refused', failure: JSON.stringify(event.data) };
    case 'import-failed':
      return { state: 'failed', failure: JSON.stringify(event.data) };
    case 'import-discarded':
      return { state: 'discarded' };
    case 'taken-over':
      return {};
  }
}
