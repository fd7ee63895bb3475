import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AttachSbom, ReadSbom } from '@waybill/catalog';
import { WaybillError } from '@waybill/kernel';
import { CYCLONEDX } from '@waybill/packaging';
import { Contexts, isDryRun } from './contexts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { AttachedSbomDto, AttachSbomDto } from './dto/sbom.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { Files } from './files.js';
import { Operation } from './operation.js';

@ApiTags('templates')
@Controller('templates/:template/versions/:version/sboms')
export class SbomsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
    private readonly files: Files,
  ) {}

  @Post()
  @Operation({
    summary: 'Attach a bill of materials to an image of a version',
    description:
      'CycloneDX in JSON. It is carried in every package of the version, and is no part of what identifies the version. It stays for good; a newer one is attached beside it.',
    needs: ['publisher'],
    writes: true,
    answer: { status: 201, type: AttachedSbomDto, description: 'It is attached, now or since before.' },
    problems: [
      'template-not-found',
      'template-ambiguous',
      'version-not-found',
      'image-not-found',
      'upload-not-found',
      'upload-incomplete',
      'sbom-invalid',
      'package-limit-exceeded',
    ],
  })
  async attach(
    @Param('template') template: string,
    @Param('version') version: string,
    @Body() { image, sbom, upload }: AttachSbomDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AttachedSbomDto> {
    if (sbom !== undefined && upload !== undefined)
      throw new WaybillError('invalid-request', { reason: 'name either an upload or the bill of materials itself.' });
    const bytes = upload === undefined ? Buffer.from(JSON.stringify(sbom)) : await this.files.read(upload, request);
    const { revision, position, ...attached } = await this.commands.execute(
      new AttachSbom({ template, version, image, bytes }, this.contexts.command(request)),
    );
    this.contexts.answered(response, { revision, position });
    if (upload !== undefined && !isDryRun(request)) {
      const file = await this.files.locate({ upload }, request);
      response.once('finish', () => this.files.forget([file], request));
    }
    return attached;
  }

  @Get(':sbom')
  @Operation({
    summary: 'Download a bill of materials',
    needs: 'any-role',
    answer: { status: 200, stream: CYCLONEDX, description: 'Its bytes, as they were attached.' },
    problems: ['template-not-found', 'template-ambiguous', 'version-not-found', 'sbom-not-found', 'blob-missing'],
  })
  async read(
    @Param('template') template: string,
    @Param('version') version: string,
    @Param('sbom') sbom: string,
    @Query() _query: ReadQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    const bytes = await this.queries.execute(new ReadSbom(template, version, sbom));
    response.type(CYCLONEDX).send(bytes);
  }
}
