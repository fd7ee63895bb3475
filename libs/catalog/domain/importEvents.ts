import type { DomainEvent } from '@waybill/event-store';
import type { Digest, TemplateKey } from '@waybill/kernel';
import type { SourceFormat } from '@waybill/packaging';

/** Where a file lies: below a configured root of the server, or among its uploads. */
export type FileSource =
  | { readonly kind: 'path'; readonly path: string; readonly name: string }
  | { readonly kind: 'upload'; readonly file: string; readonly name: string };

/** A package that comes in parts, which arrive one after the other. */
export interface PartsSource {
  readonly kind: 'parts';
  /** Of the whole. */
  readonly name: string;
  /** Document: the index of the parts. */
  readonly index: Digest;
  /** Digest of the whole. */
  readonly package: Digest;
  /** Parts, and how many of them differ from each other: equal ones are needed once. */
  readonly count: number;
  readonly distinct: number;
  /** The upload that the index came as. */
  readonly upload?: string;
}

export type PackageSource = FileSource | PartsSource;

export interface PackageFile {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

/** What reading the package found, by digest. */
export interface InspectionFacts {
  readonly format: string;
  readonly template: TemplateKey;
  readonly name: string;
  /** As the package says it; may be no version number. */
  readonly version: string;
  readonly manifest: Digest;
  readonly manifestSchema: number;
  /** Document with what the author wrote: raw metadata, or a Compose source. */
  readonly source: Digest;
  /** Absent: `ram`. */
  readonly sourceFormat?: SourceFormat;
  /** Document with everything a person wants to see before confirming. */
  readonly inspection: Digest;
  readonly components: number;
  readonly images: number;
  readonly notices: number;
}

/** What is taken into the catalog: the number, and the manifest under that number. */
export interface Confirmation {
  readonly version: string;
  readonly manifest: Digest;
  /** The package's own number, where another one was named for it. */
  readonly sourceVersion?: string;
  /** Confirmed in advance, by the request. */
  readonly automatic: boolean;
}

/** What came into the content store that was not there before. */
export interface StoredContent {
  readonly layers: number;
  readonly blobs: number;
  /** Uncompressed bytes of those layers. */
  readonly bytes: number;
}

export interface Failure {
  /** Of the error catalogue. */
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export type ImportOutcome = 'imported' | 'already-present';

/** Taken without trust, because somebody who may said so by name. */
export type Acceptance =
  { readonly kind: 'unsigned'; readonly reason: string } | { readonly kind: 'publisher'; readonly publisher: Digest };

export type ImportRequested = DomainEvent<
  'import-requested',
  {
    readonly source: PackageSource;
    readonly confirm: boolean;
    /** The number to take it under, named in advance. */
    readonly version?: string;
    readonly accept?: Acceptance;
  }
>;
/** A part is there, by its digest: what came as an upload was compared with it, what lies at a path is when it is read. */
export type PartReceived = DomainEvent<'part-received', { readonly part: Digest; readonly source: FileSource }>;
/** Parts that were there are so no more: their files are gone, or are others. */
export type PartsLost = DomainEvent<'parts-lost', { readonly parts: readonly Digest[]; readonly reason: LostReason }>;
export type LostReason = 'gone' | 'differs';
export type PackageReceived = DomainEvent<'package-received', PackageFile>;
export type PackageInspected = DomainEvent<'package-inspected', InspectionFacts>;
export type PackageRefused = DomainEvent<'package-refused', Failure>;
export type ImportConfirmed = DomainEvent<'import-confirmed', Confirmation>;
export type ImagesStored = DomainEvent<'images-stored', StoredContent>;
export type ImportCompleted = DomainEvent<
  'import-completed',
  { readonly template: TemplateKey; readonly version: string; readonly outcome: ImportOutcome }
>;
export type ImportFailed = DomainEvent<'import-failed', Failure>;
export type ImportDiscarded = DomainEvent<'import-discarded', Readonly<Record<string, never>>>;
export type ImportTakenOver = DomainEvent<'taken-over', { readonly runner: string }>;

/** What happens in `import-<id>`. */
export type ImportEvent =
  | ImportRequested
  | PartReceived
  | PartsLost
  | PackageReceived
  | PackageInspected
  | PackageRefused
  | ImportConfirmed
  | ImagesStored
  | ImportCompleted
  | ImportFailed
  | ImportDiscarded
  | ImportTakenOver;
