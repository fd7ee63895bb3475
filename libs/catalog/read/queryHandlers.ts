import { buffer } from 'node:stream/consumers';
import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProgressBoard } from '@waybill/kernel';
import { signInventory, type Envelope, type Manifest } from '@waybill/packaging';
import type { CatalogDependencies } from '../app/dependencies.js';
import { CATALOG_DEPENDENCIES, CATALOG_PROGRESS } from '../app/tokens.js';
import { collectedSoFar } from '../app/collect.js';
import { viewPublisher, type PublisherView } from '../app/publisherKeys.js';
import { viewTrust, type TrustView } from '../app/trust.js';
import { listAccepted, type AcceptedImport } from './acceptedPackages.js';
import { diffManifests, type ManifestDifference } from '../domain/diffManifests.js';
import { exportId, importId } from '../domain/streams.js';
import { exportedFile, exportedPackage, type ExportedBytes, type ExportedPackage } from './exportedPackage.js';
import { listExports, type ExportSummary } from './exports.js';
import { viewExport, type ExportView } from './exportView.js';
import { listImports, type ImportSummary } from './imports.js';
import { viewImport, type ImportView } from './importView.js';
import { incompleteVersions, type IncompleteVersion } from './missingContent.js';
import type { Page } from './page.js';
import {
  DiffVersions,
  FindExportedFile,
  FindExportedPackage,
  FindTemplateRevision,
  FindWithdrawn,
  GetExport,
  GetImport,
  GetPublisher,
  GetTemplate,
  GetTrust,
  GetVersion,
  ListExports,
  ListImports,
  ListMissingContent,
  ListTemplates,
  ListVersions,
  ReadSbom,
  TakeInventory,
  VersionsAbove,
} from './queries.js';
import { findSbom, sbomsOf } from './sboms.js';
import { findTemplate, listTemplates, templateRevision, type TemplateSummary } from './templates.js';
import { detailsOf, type VersionDetails } from './versionDetails.js';
import {
  findVersion,
  listVersions,
  versionBelow,
  versionsAbove,
  withdrawnOf,
  type VersionEntry,
  type WithdrawnEntry,
} from './versions.js';

@QueryHandler(ListTemplates)
export class ListTemplatesHandler implements IQueryHandler<ListTemplates> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ page }: ListTemplates): Promise<Page<TemplateSummary>> {
    return answer(() => listTemplates(this.deps.readModels.db, page));
  }
}

@QueryHandler(GetTemplate)
export class GetTemplateHandler implements IQueryHandler<GetTemplate> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ template }: GetTemplate): Promise<TemplateSummary> {
    return answer(() => findTemplate(this.deps.readModels.db, template));
  }
}

@QueryHandler(FindTemplateRevision)
export class FindTemplateRevisionHandler implements IQueryHandler<FindTemplateRevision> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ template }: FindTemplateRevision): Promise<bigint> {
    return answer(() => templateRevision(this.deps.readModels.db, template));
  }
}

@QueryHandler(ListVersions)
export class ListVersionsHandler implements IQueryHandler<ListVersions> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ template, page }: ListVersions): Promise<Page<VersionEntry>> {
    const { db } = this.deps.readModels;
    return answer(() => listVersions(db, findTemplate(db, template).key, page));
  }
}

@QueryHandler(VersionsAbove)
export class VersionsAboveHandler implements IQueryHandler<VersionsAbove> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ template, version }: VersionsAbove): Promise<readonly VersionEntry[]> {
    const { db } = this.deps.readModels;
    return answer(() =>
      versionsAbove(db, findTemplate(db, template).key, version).filter(({ withdrawn }) => withdrawn === undefined),
    );
  }
}

@QueryHandler(GetVersion)
export class GetVersionHandler implements IQueryHandler<GetVersion> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute({ template, version }: GetVersion): Promise<VersionDetails> {
    const { documents, content } = reading(this.deps);
    const entry = versionIn(this.deps, template, version);
    const { db } = this.deps.readModels;
    const before = versionBelow(db, entry.template, entry.version);
    return detailsOf(entry, { before, sboms: sbomsOf(db, entry) }, documents, content);
  }
}

@QueryHandler(FindWithdrawn)
export class FindWithdrawnHandler implements IQueryHandler<FindWithdrawn> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ place }: FindWithdrawn): Promise<WithdrawnEntry | undefined> {
    return answer(() => withdrawnOf(this.deps.readModels.db, place));
  }
}

@QueryHandler(DiffVersions)
export class DiffVersionsHandler implements IQueryHandler<DiffVersions> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute({ template, before, after }: DiffVersions): Promise<ManifestDifference> {
    const manifest = (version: string) =>
      reading(this.deps).documents.getJson<Manifest>(versionIn(this.deps, template, version).manifest);
    return diffManifests(await manifest(before), await manifest(after));
  }
}

@QueryHandler(ReadSbom)
export class ReadSbomHandler implements IQueryHandler<ReadSbom> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute({ template, version, digest }: ReadSbom): Promise<Buffer> {
    const entry = versionIn(this.deps, template, version);
    const sbom = findSbom(this.deps.readModels.db, entry, digest);
    return buffer(await this.deps.content.readBlob(sbom.digest));
  }
}

@QueryHandler(GetImport)
export class GetImportHandler implements IQueryHandler<GetImport> {
  constructor(
    @Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies,
    @Inject(CATALOG_PROGRESS) private readonly progress: ProgressBoard,
  ) {}

  async execute({ id }: GetImport): Promise<ImportView> {
    return viewImport({ ...reading(this.deps), progress: this.progress }, importId(id));
  }
}

@QueryHandler(GetTrust)
export class GetTrustHandler implements IQueryHandler<GetTrust> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute(): Promise<TrustView & { readonly accepted: readonly AcceptedImport[] }> {
    return { ...(await viewTrust(reading(this.deps))), accepted: listAccepted(this.deps.readModels.db) };
  }
}

@QueryHandler(GetPublisher)
export class GetPublisherHandler implements IQueryHandler<GetPublisher> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute(): Promise<PublisherView> {
    return answer(() => viewPublisher(this.deps.publisher()));
  }
}

@QueryHandler(ListImports)
export class ListImportsHandler implements IQueryHandler<ListImports> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ filter }: ListImports): Promise<Page<ImportSummary>> {
    return answer(() => listImports(this.deps.readModels.db, filter));
  }
}

@QueryHandler(ListMissingContent)
export class ListMissingContentHandler implements IQueryHandler<ListMissingContent> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute({ part }: ListMissingContent): Promise<readonly IncompleteVersion[]> {
    const deps = reading(this.deps);
    const { readModels, documents, content } = deps;
    return incompleteVersions(readModels.db, documents, content, { ...part, collected: await collectedSoFar(deps) });
  }
}

@QueryHandler(GetExport)
export class GetExportHandler implements IQueryHandler<GetExport> {
  constructor(
    @Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies,
    @Inject(CATALOG_PROGRESS) private readonly progress: ProgressBoard,
  ) {}

  async execute({ id }: GetExport): Promise<ExportView> {
    return viewExport({ ...reading(this.deps), progress: this.progress }, exportId(id));
  }
}

@QueryHandler(ListExports)
export class ListExportsHandler implements IQueryHandler<ListExports> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ filter }: ListExports): Promise<Page<ExportSummary>> {
    return answer(() => listExports(this.deps.readModels.db, filter));
  }
}

@QueryHandler(FindExportedPackage)
export class FindExportedPackageHandler implements IQueryHandler<FindExportedPackage> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ id }: FindExportedPackage): Promise<ExportedPackage> {
    return exportedPackage(reading(this.deps), id);
  }
}

@QueryHandler(FindExportedFile)
export class FindExportedFileHandler implements IQueryHandler<FindExportedFile> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  execute({ id, name }: FindExportedFile): Promise<ExportedPackage | ExportedBytes> {
    return exportedFile(reading(this.deps), id, name);
  }
}

@QueryHandler(TakeInventory)
export class TakeInventoryHandler implements IQueryHandler<TakeInventory> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute(): Promise<Envelope> {
    const layers = [];
    for await (const { diffId } of this.deps.content.listLayers()) layers.push(diffId);
    return signInventory(this.deps.publisher(), this.deps.clock.now(), layers);
  }
}

const reading = (deps: CatalogDependencies): CatalogDependencies => ({ ...deps, ...deps.reading });

/** SQLite answers at once and throws at once; callers of a bus expect a promise. */
const answer = async <Result>(query: () => Result): Promise<Result> => Promise.resolve(query());

const versionIn = ({ readModels: { db } }: CatalogDependencies, template: string, version: string): VersionEntry =>
  findVersion(db, findTemplate(db, template).key, version);

export const queryHandlers = [
  ListTemplatesHandler,
  FindTemplateRevisionHandler,
  GetTemplateHandler,
  ListVersionsHandler,
  VersionsAboveHandler,
  GetVersionHandler,
  FindWithdrawnHandler,
  DiffVersionsHandler,
  ReadSbomHandler,
  GetImportHandler,
  GetTrustHandler,
  GetPublisherHandler,
  ListImportsHandler,
  ListMissingContentHandler,
  GetExportHandler,
  ListExportsHandler,
  FindExportedPackageHandler,
  FindExportedFileHandler,
  TakeInventoryHandler,
];
