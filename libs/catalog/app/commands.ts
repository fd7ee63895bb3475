import type { CommandContext } from '@waybill/event-store';
import { Command } from '@nestjs/cqrs';
import type { Collection, CollectOptions } from './collect.js';
import type { ExportAnswer, ExportOptions } from './exports.js';
import type { ImportAnswer, ImportOptions, WriteOptions } from './imports.js';
import type { FileLocation } from './packageFile.js';
import type { Envelope, KeyFingerprint, RevokedKey } from '@waybill/packaging';
import type { AdvancedPublisher } from './publisherKeys.js';
import type { AddedPublisher, TrustAnswer } from './trust.js';
import type { PublishResult } from './publish.js';
import type { PublishRequest } from './publishDraft.js';
import type { AttachedSbom, SbomToAttach } from './sboms.js';
import type { StandingChange, VersionStanding } from './standing.js';

/** Publishes a version; answers when it is in the catalog. Fails as `publisher` says. */
export class PublishVersion extends Command<PublishResult> {
  constructor(
    readonly request: PublishRequest,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Releases or withdraws a version. Fails as `changeStanding` says. */
export class ChangeStanding extends Command<VersionStanding> {
  constructor(
    readonly change: StandingChange,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Stores a bill of materials beside a version. Fails as `attachSbom` says. */
export class AttachSbom extends Command<AttachedSbom> {
  constructor(
    readonly sbom: SbomToAttach,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Begins an import; answers with the operation to poll while the package is read in the background. Fails as `Imports.request` says. */
export class RequestImport extends Command<ImportAnswer> {
  constructor(
    readonly options: ImportOptions,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Takes a part of a split package. Fails as `Imports.receivePart` says. */
export class ReceivePart extends Command<ImportAnswer> {
  constructor(
    readonly part: { readonly import: string; readonly file: FileLocation },
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Takes what an import found into the catalog, under another number when one is named. Fails as `Imports.confirm` says. */
export class ConfirmImport extends Command<ImportAnswer> {
  constructor(
    readonly target: { readonly import: string; readonly version?: string | undefined } & WriteOptions,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Takes away what nothing needs any more. Fails as `collectContent` says. */
export class CollectContent extends Command<Collection> {
  constructor(
    readonly options: CollectOptions,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Trusts a publisher, or takes newer roots of one. Fails as `addPublisher` says. */
export class AddPublisher extends Command<AddedPublisher> {
  constructor(
    readonly publisher: { readonly roots: readonly Envelope[]; readonly fingerprint: string },
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Lets no signature of a key count here any more. */
export class RevokeKey extends Command<TrustAnswer> {
  constructor(
    readonly revocation: { readonly key: KeyFingerprint; readonly reason: string },
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Gives this server another signing key. Fails as `rotateKey` says. */
export class RotateKey extends Command<AdvancedPublisher> {
  constructor(readonly context: CommandContext) {
    super();
  }
}

/** Revokes a key of the publisher that this server is. Fails as `revokeOwnKey` says. */
export class RevokeOwnKey extends Command<AdvancedPublisher> {
  constructor(
    readonly revocation: RevokedKey,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Gives an import up before it was confirmed; nothing of it stays in the content store. Fails as `Imports.discard` says. */
export class DiscardImport extends Command<ImportAnswer> {
  constructor(
    readonly target: { readonly import: string } & WriteOptions,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Begins an export; answers with the operation to poll while the package is written in the background. Fails as `Exports.request` says. */
export class RequestExport extends Command<ExportAnswer> {
  constructor(
    readonly options: ExportOptions,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Removes the file of an export for good. Fails as `Exports.remove` says. */
export class RemoveExport extends Command<ExportAnswer> {
  constructor(
    readonly target: { readonly export: string } & WriteOptions,
    readonly context: CommandContext,
  ) {
    super();
  }
}
