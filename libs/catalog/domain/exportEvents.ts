import type { DomainEvent } from '@waybill/event-store';
import type { Digest, TemplateKey } from '@waybill/kernel';
import type { KeyFingerprint, PublisherId } from '@waybill/packaging';
import type { Failure } from './importEvents.js';

export const exportFormats = ['ram', 'docker-compose', 'waybill'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Whose layers are left out: those of another version of the template, or those that a site said it holds (an `Inventory`, as a document). */
export type ExportBase = { readonly version: string } | { readonly inventory: Digest };

export interface ExportedFile {
  /** As those who get it are to call it. */
  readonly name: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Who signed it, where the format has signatures. */
  readonly signer?: { readonly publisher: PublisherId; readonly key: KeyFingerprint };
  /** Where it is given out in parts. */
  readonly parts?: ExportedParts;
}

/** The parts are ranges of the one file; what they are called and what is in each stands in the index. */
export interface ExportedParts {
  /** Document: the index, as those who get the parts get it (`PartsIndex`). */
  readonly index: Digest;
  readonly name: string;
  /** Bytes of the index. */
  readonly size: number;
  /** Bytes of each part but the last. */
  readonly partSize: number;
  readonly count: number;
}

export type ExportRequested = DomainEvent<
  'export-requested',
  {
    readonly template: TemplateKey;
    readonly version: string;
    /** What that number stands for. */
    readonly manifest: Digest;
    readonly format: ExportFormat;
    readonly base?: ExportBase;
    /** Bytes of the parts it is to be given out in; absent: in one piece. */
    readonly split?: number;
  }
>;
/** The file is whole and on disk. */
export type PackageWritten = DomainEvent<'package-written', ExportedFile>;
export type ExportCompleted = DomainEvent<'export-completed', Readonly<Record<string, never>>>;
export type ExportFailed = DomainEvent<'export-failed', Failure>;
/** Its file is wanted no more. */
export type ExportRemoved = DomainEvent<'export-removed', Readonly<Record<string, never>>>;
export type ExportTakenOver = DomainEvent<'taken-over', { readonly runner: string }>;

/** What happens in `export-<id>`. */
export type ExportEvent =
  ExportRequested | PackageWritten | ExportCompleted | ExportFailed | ExportRemoved | ExportTakenOver;
