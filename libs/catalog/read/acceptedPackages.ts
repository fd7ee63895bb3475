import { readStream, type Actor, type EventStore, type RecordedEvent, type SqlDatabase } from '@waybill/event-store';
import type { Digest, ImportId, TemplateKey } from '@waybill/kernel';
import { trustSerde } from '../domain/serde.js';
import { TRUST_STREAM } from '../domain/streams.js';
import type { BoundPublisher } from '../domain/templateEvents.js';
import type { TrustEvent } from '../domain/trustEvents.js';

/** Who did something, with the name that was printed then. */
export type NamedActor = Actor & { readonly name?: string };

/** A package that was taken though nobody who is trusted here signed it: when, by whom and, where nobody signed it, why. */
export type AcceptedPackage = (
  { readonly kind: 'unsigned'; readonly reason: string } | ({ readonly kind: 'publisher' } & BoundPublisher)
) & {
  /** RFC 3339. */
  readonly at: string;
  readonly by: NamedActor;
};

/** One of all, with the package that it was. */
export type AcceptedImport = AcceptedPackage & {
  readonly import: ImportId;
  /** Of the package. */
  readonly file: { readonly name: string; readonly digest: Digest };
  readonly template?: TemplateKey;
  /** As it was taken into the catalog or, before that, as the package says it. */
  readonly version?: string;
};

export const acceptedPackagesSchema = `
  CREATE TABLE catalog_accepted (import TEXT PRIMARY KEY, file TEXT NOT NULL, accepted TEXT NOT NULL);`;

/** The event is written on behalf of whoever requested the import, whose printed name stands beside that. */
export function applyTrust(db: SqlDatabase, recorded: RecordedEvent<TrustEvent>): void {
  const { event } = recorded;
  if (!isAcceptance(event)) return;
  const { import: id, file } = event.data;
  const requested = db.get<{ actor_name: string | null }>('SELECT actor_name FROM catalog_imports WHERE id = ?', id);
  const accepted = acceptedBy(event, recorded.metadata, requested?.actor_name ?? undefined);
  db.run(
    'INSERT INTO catalog_accepted (import, file, accepted) VALUES (?, ?, ?)',
    ...[id, file, JSON.stringify(accepted)],
  );
}

interface Row {
  readonly import: ImportId;
  readonly file: Digest;
  readonly accepted: string;
  readonly name: string;
  readonly template: TemplateKey | null;
  readonly version: string | null;
}

/** Every one, the latest first. */
export const listAccepted = (db: SqlDatabase): readonly AcceptedImport[] =>
  db
    .all<Row>(
      `SELECT a.*, i.name, i.template, i.version FROM catalog_accepted a
       JOIN catalog_imports i ON i.id = a.import ORDER BY a.rowid DESC`,
    )
    .map(({ import: id, file: digest, accepted, name, template, version }) => ({
      ...(JSON.parse(accepted) as AcceptedPackage),
      import: id,
      file: { name, digest },
      ...(template === null ? {} : { template }),
      ...(version === null ? {} : { version }),
    }));

/** How the package of an import was accepted, as the log has it now; nothing for one that needed nobody's word. @param name of whoever requested it */
export async function acceptanceOf(
  store: EventStore,
  id: ImportId,
  name: string | undefined,
): Promise<AcceptedPackage | undefined> {
  for await (const { event, metadata } of readStream(store, trustSerde, TRUST_STREAM))
    if (isAcceptance(event) && event.data.import === id) return acceptedBy(event, metadata, name);
  return undefined;
}

type Acceptance = Extract<TrustEvent, { type: 'unsigned-package-accepted' | 'publisher-accepted' }>;

const isAcceptance = (event: TrustEvent): event is Acceptance =>
  event.type === 'unsigned-package-accepted' || event.type === 'publisher-accepted';

function acceptedBy(
  event: Acceptance,
  { recordedAt, actor }: RecordedEvent['metadata'],
  name: string | undefined,
): AcceptedPackage {
  const how = { at: recordedAt, by: namedActor(actor, name) };
  switch (event.type) {
    case 'unsigned-package-accepted':
      return { kind: 'unsigned', reason: event.data.reason, ...how };
    case 'publisher-accepted': {
      const { publisher, name: called } = event.data;
      return { kind: 'publisher', publisher, name: called, ...how };
    }
  }
}

export const namedActor = ({ id, kind, role }: Actor, name: string | undefined): NamedActor => ({
  id,
  kind,
  role,
  ...(name === undefined ? {} : { name }),
});
