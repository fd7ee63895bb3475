import { Inject } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  AddPublisher,
  AttachSbom,
  ChangeStanding,
  CollectContent,
  ConfirmImport,
  DiscardImport,
  PublishVersion,
  ReceivePart,
  RemoveExport,
  RequestExport,
  RequestImport,
  RevokeKey,
  RevokeOwnKey,
  RotateKey,
} from './commands.js';
import { collectContent, type Collection } from './collect.js';
import type { CatalogDependencies } from './dependencies.js';
import type { ExportAnswer, Exports } from './exports.js';
import type { ImportAnswer, Imports } from './imports.js';
import type { Publications } from './publications.js';
import type { PublishResult } from './publish.js';
import { attachSbom, type AttachedSbom } from './sboms.js';
import { changeStanding, type VersionStanding } from './standing.js';
import { revokeOwnKey, rotateKey, type AdvancedPublisher } from './publisherKeys.js';
import { CATALOG_DEPENDENCIES, EXPORTS, IMPORTS, PUBLICATIONS } from './tokens.js';
import { addPublisher, revokeKey, type AddedPublisher, type TrustAnswer } from './trust.js';

@CommandHandler(PublishVersion)
export class PublishVersionHandler implements ICommandHandler<PublishVersion> {
  constructor(@Inject(PUBLICATIONS) private readonly publications: Publications) {}

  execute({ request, context }: PublishVersion): Promise<PublishResult> {
    return this.publications.publish(request, context);
  }
}

@CommandHandler(ChangeStanding)
export class ChangeStandingHandler implements ICommandHandler<ChangeStanding> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ change, context }: ChangeStanding): Promise<VersionStanding> {
    return changeStanding(this.deps, change, context);
  }
}

@CommandHandler(AttachSbom)
export class AttachSbomHandler implements ICommandHandler<AttachSbom> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ sbom, context }: AttachSbom): Promise<AttachedSbom> {
    return attachSbom(this.deps, sbom, context);
  }
}

@CommandHandler(RequestImport)
export class RequestImportHandler implements ICommandHandler<RequestImport> {
  constructor(@Inject(IMPORTS) private readonly imports: Imports) {}

  execute({ options, context }: RequestImport): Promise<ImportAnswer> {
    return this.imports.request(options, context);
  }
}

@CommandHandler(ReceivePart)
export class ReceivePartHandler implements ICommandHandler<ReceivePart> {
  constructor(@Inject(IMPORTS) private readonly imports: Imports) {}

  execute({ part, context }: ReceivePart): Promise<ImportAnswer> {
    return this.imports.receivePart(part.import, part.file, context);
  }
}

@CommandHandler(ConfirmImport)
export class ConfirmImportHandler implements ICommandHandler<ConfirmImport> {
  constructor(@Inject(IMPORTS) private readonly imports: Imports) {}

  execute({ target, context }: ConfirmImport): Promise<ImportAnswer> {
    return this.imports.confirm(target.import, target.version, context, target);
  }
}

@CommandHandler(DiscardImport)
export class DiscardImportHandler implements ICommandHandler<DiscardImport> {
  constructor(@Inject(IMPORTS) private readonly imports: Imports) {}

  execute({ target, context }: DiscardImport): Promise<ImportAnswer> {
    return this.imports.discard(target.import, context, target);
  }
}

@CommandHandler(RequestExport)
export class RequestExportHandler implements ICommandHandler<RequestExport> {
  constructor(@Inject(EXPORTS) private readonly exports: Exports) {}

  execute({ options, context }: RequestExport): Promise<ExportAnswer> {
    return this.exports.request(options, context);
  }
}

@CommandHandler(RemoveExport)
export class RemoveExportHandler implements ICommandHandler<RemoveExport> {
  constructor(@Inject(EXPORTS) private readonly exports: Exports) {}

  execute({ target, context }: RemoveExport): Promise<ExportAnswer> {
    return this.exports.remove(target.export, context, target);
  }
}

@CommandHandler(CollectContent)
export class CollectContentHandler implements ICommandHandler<CollectContent> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ options, context }: CollectContent): Promise<Collection> {
    return collectContent(this.deps, options, context);
  }
}

@CommandHandler(AddPublisher)
export class AddPublisherHandler implements ICommandHandler<AddPublisher> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ publisher, context }: AddPublisher): Promise<AddedPublisher> {
    return addPublisher(this.deps, publisher, context);
  }
}

@CommandHandler(RevokeKey)
export class RevokeKeyHandler implements ICommandHandler<RevokeKey> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ revocation, context }: RevokeKey): Promise<TrustAnswer> {
    return revokeKey(this.deps, revocation, context);
  }
}

@CommandHandler(RotateKey)
export class RotateKeyHandler implements ICommandHandler<RotateKey> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ context }: RotateKey): Promise<AdvancedPublisher> {
    return rotateKey(this.deps, context);
  }
}

@CommandHandler(RevokeOwnKey)
export class RevokeOwnKeyHandler implements ICommandHandler<RevokeOwnKey> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ revocation, context }: RevokeOwnKey): Promise<AdvancedPublisher> {
    return revokeOwnKey(this.deps, revocation, context);
  }
}

export const commandHandlers = [
  AddPublisherHandler,
  CollectContentHandler,
  RevokeKeyHandler,
  RotateKeyHandler,
  RevokeOwnKeyHandler,
  PublishVersionHandler,
  ChangeStandingHandler,
  AttachSbomHandler,
  RequestImportHandler,
  ReceivePartHandler,
  ConfirmImportHandler,
  DiscardImportHandler,
  RequestExportHandler,
  RemoveExportHandler,
];
