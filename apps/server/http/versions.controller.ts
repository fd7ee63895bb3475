import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import {
  DiffVersions,
  FindTemplateRevision,
  GetVersion,
  ListMissingContent,
  ListVersions,
  TakeInventory,
} from '@waybill/catalog';
import type { Request, Response } from 'express';
import { Contexts } from './contexts.js';
import {
  IncompleteVersionPageDto,
  ManifestDifferenceDto,
  VersionDetailsDto,
  VersionPageDto,
} from './dto/catalog.dto.js';
import { InventoryDto } from './dto/export.dto.js';
import { ListQueryDto, ReadQueryDto } from './dto/list.dto.js';
import { Operation } from './operation.js';
import { encodedPage, innerPage, pageByPair } from './paging.js';

@ApiTags('templates')
@Controller()
export class VersionsController {
  constructor(
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
  ) {}

  @Get('templates/:template/versions')
  @Operation({
    summary: 'List the versions of a template',
    needs: 'any-role',
    answer: { status: 200, type: VersionPageDto, description: 'Lowest first.' },
    problems: ['template-not-found', 'template-ambiguous', 'cursor-invalid'],
  })
  async list(@Param('template') template: string, @Query() query: ListQueryDto): Promise<VersionPageDto> {
    const page = await this.queries.execute(new ListVersions(template, innerPage('versions', query)));
    return encodedPage('versions', {
      ...page,
      items: page.items.map(({ manifest, images: _images, imageList: _imageList, ...entry }) => ({
        ...entry,
        manifestDigest: manifest,
      })),
    });
  }

  @Get('templates/:template/versions/:version')
  @Operation({
    summary: 'Show a version with its manifest',
    needs: 'any-role',
    answer: {
      status: 200,
      type: VersionDetailsDto,
      description: 'The version. The ETag guards changes: release, withdraw.',
    },
    etag: true,
    problems: ['template-not-found', 'template-ambiguous', 'version-not-found'],
  })
  async show(
    @Param('template') template: string,
    @Param('version') version: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<VersionDetailsDto> {
    const revision = await this.queries.execute(new FindTemplateRevision(template));
    // What is missing here changes without an event.
    this.contexts.shown(request, response, revision, true);
    return this.queries.execute(new GetVersion(template, version));
  }

  @Get('templates/:template/versions/:version/diff/:other')
  @Operation({
    summary: 'What another version says otherwise',
    description: 'From {version} to {other}, attribute by attribute; components match by key alone.',
    needs: 'any-role',
    answer: { status: 200, type: ManifestDifferenceDto, description: 'The differences.' },
    problems: ['template-not-found', 'template-ambiguous', 'version-not-found'],
  })
  diff(
    @Param('template') template: string,
    @Param('version') version: string,
    @Param('other') other: string,
    @Query() _query: ReadQueryDto,
  ): Promise<ManifestDifferenceDto> {
    return this.queries.execute(new DiffVersions(template, version, other));
  }

  @Get('inventory')
  @Operation({
    summary: 'Which layers are here, signed',
    description:
      'For whoever makes packages for this site: an export with this as its base leaves these layers out. A DSSE envelope; docs/formats.md says what is in it.',
    needs: 'any-role',
    answer: { status: 200, type: InventoryDto, description: 'The inventory.' },
    problems: ['signing-key-missing'],
  })
  inventory(@Query() _query: ReadQueryDto): Promise<InventoryDto> {
    return this.queries.execute(new TakeInventory());
  }

  @Get('inventory/missing')
  @Operation({
    summary: 'Versions whose content is missing here, and what would bring it back',
    needs: 'any-role',
    answer: { status: 200, type: IncompleteVersionPageDto, description: 'By template and number.' },
    problems: ['cursor-invalid'],
  })
  missing(@Query() query: ListQueryDto): Promise<IncompleteVersionPageDto> {
    return pageByPair(
      'missing',
      query,
      (limit, after) =>
        this.queries.execute(
          new ListMissingContent({ limit, after: after && { template: after[0], version: after[1] } }),
        ),
      ({ template, version }) => [template, version],
    );
  }
}
