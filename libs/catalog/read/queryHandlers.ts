import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProgressBoard } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import type { CatalogDependencies } from '../app/dependencies.js';
import { CATALOG_DEPENDENCIES, CATALOG_PROGRESS } from '../app/tokens.js';
import { diffManifests, type ManifestDifference } from '../domain/diffManifests.js';
import { importId } from '../domain/streams.js';
import { listImports, type ImportSummary } from './imports.js';
import { viewImport, type ImportView } from './importView.js';
import { incompleteVersions, type IncompleteVersion } from './missingContent.js';
import type { Page } from './page.js';
import {
  DiffVersions,
  GetImport,
  GetTemplate,
  GetVersion,
  ListImports,
  ListMissingContent,
  ListTemplates,
  ListVersions,
  VersionsAbove,
} from './queries.js';
import { findTemplate, listTemplates, type TemplateSummary } from './templates.js';
import { detailsOf, type VersionDetails } from './versionDetails.js';
import { findVersion, listVersions, versionsAbove, type VersionEntry } from './versions.js';

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
    return answer(() => versionsAbove(db, findTemplate(db, template).key, version));
  }
}

@QueryHandler(GetVersion)
export class GetVersionHandler implements IQueryHandler<GetVersion> {
  constructor(@Inject(CATALOG_DEPENDENCIES) private readonly deps: CatalogDependencies) {}

  async execute({ template, version }: GetVersion): Promise<VersionDetails> {
    const { documents, content } = reading(this.deps);
    return detailsOf(versionIn(this.deps, template, version), documents, content);
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

  execute({ part }: ListMissingContent): Promise<readonly IncompleteVersion[]> {
    const { readModels, documents, content } = reading(this.deps);
    return incompleteVersions(readModels.db, documents, content, part);
  }
}

const reading = (deps: CatalogDependencies): CatalogDependencies => ({ ...deps, ...deps.reading });

/** SQLite answers at once and throws at once; callers of a bus expect a promise. */
const answer = async <Result>(query: () => Result): Promise<Result> => Promise.resolve(query());

const versionIn = ({ readModels: { db } }: CatalogDependencies, template: string, version: string): VersionEntry =>
  findVersion(db, findTemplate(db, template).key, version);

export const queryHandlers = [
  ListTemplatesHandler,
  GetTemplateHandler,
  ListVersionsHandler,
  VersionsAboveHandler,
  GetVersionHandler,
  DiffVersionsHandler,
  GetImportHandler,
  ListImportsHandler,
  ListMissingContentHandler,
];
