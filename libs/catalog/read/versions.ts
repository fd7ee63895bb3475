import type { Actor, SqlDatabase } from '@waybill/event-store';
import {
  compareVersions,
  isVersion,
  WaybillError,
  type Digest,
  type ImportId,
  type TemplateKey,
} from '@waybill/kernel';
import type { RegistryDigest } from '@waybill/packaging';
import type { BoundPublisher, SourceInstance, VersionImage } from '../domain/templateEvents.js';
import { namedActor, type AcceptedPackage, type NamedActor } from './acceptedPackages.js';
import { pageOf, type Page, type PageRequest } from './page.js';

/** One version in the catalog: what it is, who added it, when and how. */
export interface VersionEntry {
  readonly template: TemplateKey;
  readonly version: string;
  readonly name: string;
  readonly manifest: Digest;
  /** Document with the raw metadata. */
  readonly source: Digest;
  readonly components: number;
  readonly images: readonly VersionImage[];
  /** Document that says the layers of the images. */
  readonly imageList: Digest;
  /** Uncompressed bytes of all images, shared layers counted for each. */
  readonly bytes: number;
  readonly notices: number;
  /** When it was marked as the one its publisher stands for. */
  readonly released?: string;
  /** Who marked it. */
  readonly releasedBy?: NamedActor;
  /** It is on offer no more. */
  readonly withdrawn?: WithdrawnEntry;
  /** RFC 3339. */
  readonly at: string;
  readonly by: NamedActor;
  readonly origin:
    | {
        readonly kind: 'published';
        readonly notes?: string;
        /** What the names of images meant at their registries, where they came from one. */
        readonly registry?: readonly RegistryDigest[];
        /** It was made of what ran there. */
        readonly instance?: SourceInstance;
      }
    | {
        readonly kind: 'imported';
        readonly import: ImportId;
        readonly format: string;
        readonly file: { readonly name: string; readonly digest: Digest; readonly size: number };
        readonly sourceVersion?: string;
        /** Who signed the package (absent: nobody), when that publisher published the version, and what it said of it, as far as the package states it. */
        readonly publisher?: BoundPublisher;
        /** By whom and why the package was accepted by name. Absent: its publisher was trusted, or packages of its format cannot be signed. */
        readonly accepted?: AcceptedPackage;
        readonly published?: string;
        readonly notes?: string;
      };
}

export interface WithdrawnEntry {
  readonly reason: string;
  /** RFC 3339; as the publisher says it, where a package brought it. */
  readonly at: string;
  /** `publisher`: in a later package of it. */
  readonly by: 'here' | 'publisher';
  /** Who did it, where it was done here. */
  readonly account?: NamedActor;
}

interface Row {
  readonly template: TemplateKey;
  readonly version: string;
  readonly name: string;
  readonly manifest: Digest;
  readonly source: Digest;
  readonly components: number;
  readonly bytes: number;
  readonly images: string;
  readonly image_list: Digest;
  readonly notices: number;
  readonly origin: 'published' | 'imported';
  readonly at: string;
  readonly actor: Actor['id'];
  readonly actor_kind: Actor['kind'];
  readonly actor_role: string;
  readonly actor_name: string | null;
  readonly notes: string | null;
  readonly registry: string | null;
  readonly instance: string | null;
  readonly import: ImportId;
  readonly format: string;
  readonly file_name: string;
  readonly file_digest: Digest;
  readonly file_size: number;
  readonly source_version: string | null;
  readonly released: string | null;
  readonly released_by: string | null;
  readonly reason: string | null;
  readonly withdrawn: string;
  readonly withdrawn_by: WithdrawnEntry['by'];
  readonly account: string | null;
  readonly publisher: string | null;
  readonly published: string | null;
  readonly accepted: string | null;
}

const SELECT = `SELECT v.*, w.reason, w.withdrawn, w.withdrawn_by, w.account, a.accepted FROM catalog_versions v
  LEFT JOIN catalog_withdrawn w ON w.template = v.template AND w.manifest = v.manifest
  LEFT JOIN catalog_accepted a ON a.import = v.import`;

/** Lowest first. A template that does not exist has none. */
export const versionsOf = (db: SqlDatabase, template: TemplateKey): readonly VersionEntry[] =>
  db
    .all<Row>(`${SELECT} WHERE v.template = ?`, template)
    .map(entryOf)
    .sort((a, b) => compareVersions(a.version, b.version));

/** A page of them; the cursor is the number given out last. @throws WaybillError `cursor-invalid` */
export function listVersions(db: SqlDatabase, template: TemplateKey, request: PageRequest = {}): Page<VersionEntry> {
  const { cursor } = request;
  if (cursor !== undefined && !isVersion(cursor)) throw new WaybillError('cursor-invalid');
  const entries = cursor === undefined ? versionsOf(db, template) : versionsAbove(db, template, cursor);
  return pageOf(
    request,
    (limit) => entries.slice(0, limit),
    ({ version }) => version,
  );
}

/** Where in the list of all versions one stands. */
export interface VersionPlace {
  readonly template: string;
  readonly version: string;
}

/** Of all templates, by template and number, behind that place. @throws WaybillError `cursor-invalid` */
export function* allVersions(db: SqlDatabase, after?: VersionPlace): Generator<VersionEntry> {
  if (after !== undefined && !isVersion(after.version)) throw new WaybillError('cursor-invalid');
  const templates = db.all<{ template: TemplateKey }>(
    'SELECT DISTINCT template FROM catalog_versions WHERE template >= ? ORDER BY template',
    after?.template ?? '',
  );
  for (const { template } of templates)
    yield* template === after?.template ? versionsAbove(db, template, after.version) : versionsOf(db, template);
}

/** @throws WaybillError `version-not-found` */
export function findVersion(db: SqlDatabase, template: TemplateKey, version: string): VersionEntry {
  const row = db.get<Row>(`${SELECT} WHERE v.template = ? AND v.version = ?`, template, version);
  if (row === undefined) throw new WaybillError('version-not-found', { template, version });
  return entryOf(row);
}

/** Why a version is on offer no more; `undefined`: it is, or there is none. */
export function withdrawnOf(db: SqlDatabase, { template, version }: VersionPlace): WithdrawnEntry | undefined {
  const row = db.get<Row>(`${SELECT} WHERE v.template = ? AND v.version = ?`, template, version);
  return row === undefined ? undefined : entryOf(row).withdrawn;
}

/** The next lower one. @throws WaybillError `invalid-version` */
export const versionBelow = (db: SqlDatabase, template: TemplateKey, version: string): VersionEntry | undefined =>
  versionsOf(db, template)
    .filter((entry) => compareVersions(entry.version, version) < 0)
    .at(-1);

/** Lowest first. @throws WaybillError `invalid-version` */
export const versionsAbove = (db: SqlDatabase, template: TemplateKey, version: string): readonly VersionEntry[] =>
  versionsOf(db, template).filter((entry) => compareVersions(entry.version, version) > 0);

function entryOf(row: Row): VersionEntry {
  return {
    template: row.template,
    version: row.version,
    name: row.name,
    manifest: row.manifest,
    source: row.source,
    components: row.components,
    images: JSON.parse(row.images) as readonly VersionImage[],
    imageList: row.image_list,
    bytes: row.bytes,
    notices: row.notices,
    ...(row.released === null ? {} : { released: row.released }),
    ...(row.released_by === null ? {} : { releasedBy: JSON.parse(row.released_by) as NamedActor }),
    ...withdrawnIn(row),
    at: row.at,
    by: namedActor({ id: row.actor, kind: row.actor_kind, role: row.actor_role }, row.actor_name ?? undefined),
    origin: originOf(row),
  };
}

const withdrawnIn = ({ reason, withdrawn: at, withdrawn_by: by, account }: Row): Pick<VersionEntry, 'withdrawn'> =>
  reason === null
    ? {}
    : { withdrawn: { reason, at, by, ...(account === null ? {} : { account: JSON.parse(account) as NamedActor }) } };

function originOf(row: Row): VersionEntry['origin'] {
  if (row.origin === 'published')
    return {
      kind: 'published',
      ...(row.notes === null ? {} : { notes: row.notes }),
      ...(row.registry === null ? {} : { registry: JSON.parse(row.registry) as readonly RegistryDigest[] }),
      ...(row.instance === null ? {} : { instance: JSON.parse(row.instance) as SourceInstance }),
    };
  return {
    kind: 'imported',
    import: row.import,
    format: row.format,
    file: { name: row.file_name, digest: row.file_digest, size: row.file_size },
    ...(row.source_version === null ? {} : { sourceVersion: row.source_version }),
    ...(row.publisher === null ? {} : { publisher: JSON.parse(row.publisher) as BoundPublisher }),
    ...(row.accepted === null ? {} : { accepted: JSON.parse(row.accepted) as AcceptedPackage }),
    ...(row.published === null ? {} : { published: row.published }),
    ...(row.notes === null ? {} : { notes: row.notes }),
  };
}
