import { Body, Controller, Delete, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiHeader, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  FindExportedFile,
  FindExportedPackage,
  GetExport,
  ListExports,
  RemoveExport,
  RequestExport,
  type ExportAnswer,
  type ExportOptions,
} from '@waybill/catalog';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts } from './contexts.js';
import { ExportAnswerDto, ExportDto, ExportPageDto, ListExportsDto, RequestExportDto } from './dto/export.dto.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { ifMatch } from './etag.js';
import { described, Operation } from './operation.js';
import { encodedPage, innerPage } from './paging.js';
import { sendBytes, sendPackage } from './sendPackage.js';

const ofPackages = {
  'Content-Disposition': 'Name of the file, for browsers.',
  'Accept-Ranges': '`bytes`: a download can be gone on with.',
};

const rangeOfFile = {
  status: 206,
  description: 'The range.',
  content: { 'application/octet-stream': { schema: { type: 'string' } } },
} as const;
const ofRanges = {
  ...ofPackages,
  'Content-Range': 'Which bytes of how many.',
  'X-Correlation-Id': 'Names this request in the server’s log.',
};

@ApiTags('packages')
@Controller('exports')
export class ExportsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
  ) {}

  @Post()
  @Operation({
    summary: 'Export a version as a package',
    description: 'The package is written in the background and stays on the server until the export is removed.',
    needs: ['publisher', 'operator'],
    writes: true,
    answer: { status: 202, type: ExportAnswerDto, description: 'It has begun; poll the operation.' },
    problems: [
      'template-not-found',
      'template-ambiguous',
      'version-not-found',
      'version-withdrawn',
      'format-cannot-carry',
      'blob-missing',
      'inventory-invalid',
      'signing-key-missing',
    ],
  })
  async request(
    @Body() body: RequestExportDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExportAnswerDto> {
    const { template, version, format = 'waybill', split } = body;
    const base = baseOf(body);
    const options = {
      template,
      version,
      format,
      ...(base === undefined ? {} : { base }),
      ...(split === undefined ? {} : { split }),
    };
    return this.answered(
      await this.commands.execute(new RequestExport(options, this.contexts.command(request))),
      response,
    );
  }

  @Get()
  @Operation({
    summary: 'List exports',
    needs: 'any-role',
    answer: { status: 200, type: ExportPageDto, description: 'Newest first.' },
    problems: ['cursor-invalid'],
  })
  async list(@Query() query: ListExportsDto): Promise<ExportPageDto> {
    const filter = { ...innerPage('exports', query), state: query.state };
    return encodedPage('exports', await this.queries.execute(new ListExports(filter)));
  }

  @Get(':id')
  @Operation({
    summary: 'Show an export',
    needs: 'any-role',
    answer: { status: 200, type: ExportDto, description: 'The export as the log has it now.' },
    etag: true,
    problems: ['export-not-found'],
  })
  async show(
    @Param('id') id: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExportDto> {
    const { revision, ...view } = await this.queries.execute(new GetExport(id));
    this.contexts.shown(request, response, revision, view.progress !== undefined);
    return view;
  }

  @Get(':id/file')
  @ApiHeader({ name: 'Range', required: false, description: 'One range of bytes, to go on with a download.' })
  @ApiHeader({ name: 'If-Range', required: false, description: 'The ETag of what the caller has the beginning of.' })
  @ApiResponse({ ...rangeOfFile, headers: described({ ...ofRanges, ETag: 'Digest of the whole file.' }) })
  @Operation({
    summary: 'Download the package of an export',
    description: 'The ETag is the digest of the whole file. A download that broke off goes on with Range.',
    needs: ['publisher', 'operator'],
    answer: {
      status: 200,
      stream: 'application/octet-stream',
      description: 'The package.',
      headers: ofPackages,
    },
    etag: true,
    problems: ['export-not-found', 'export-not-ready', 'range-not-satisfiable'],
  })
  async file(@Param('id') id: string, @Query() _query: ReadQueryDto, @Res() response: Response): Promise<void> {
    await sendPackage(await this.queries.execute(new FindExportedPackage(id)), response);
  }

  @Get(':id/files/:name')
  @ApiHeader({ name: 'Range', required: false, description: 'One range of bytes, to go on with a download.' })
  @ApiHeader({ name: 'If-Range', required: false, description: 'The ETag of what the caller has the beginning of.' })
  @ApiResponse({ ...rangeOfFile, headers: described({ ...ofRanges, ETag: 'Digest of the whole part.' }) })
  @Operation({
    summary: 'Download the index or a part of a split export',
    description: 'By the names that the export and its index give. The ETag is the digest of the part.',
    needs: ['publisher', 'operator'],
    answer: {
      status: 200,
      stream: 'application/octet-stream',
      description: 'The index, or the part.',
      headers: ofPackages,
    },
    etag: true,
    problems: ['export-not-found', 'export-not-ready', 'export-file-not-found', 'range-not-satisfiable'],
  })
  async part(
    @Param('id') id: string,
    @Param('name') name: string,
    @Query() _query: ReadQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    const found = await this.queries.execute(new FindExportedFile(id, name));
    if ('bytes' in found) sendBytes(found, response);
    else await sendPackage(found, response);
  }

  @Delete(':id')
  @Operation({
    summary: 'Remove an export',
    needs: ['publisher', 'operator'],
    writes: true,
    answer: { status: 200, type: ExportAnswerDto, description: 'It is removed; its file is gone.' },
    problems: ['export-not-found', 'revision-mismatch'],
  })
  async remove(
    @Param('id') id: string,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ExportAnswerDto> {
    const target = { export: id, expectedRevision: ifMatch(request.headers['if-match']) };
    return this.answered(
      await this.commands.execute(new RemoveExport(target, this.contexts.command(request))),
      response,
    );
  }

  private answered(answer: ExportAnswer, response: Response): ExportAnswerDto {
    const { export: id, operation, state } = answer;
    this.contexts.answered(response, answer);
    if (answer.revision >= 0n) response.setHeader('Location', `/api/v1/exports/${id}`);
    return { id, operation, state };
  }
}

function baseOf({ baseVersion, baseInventory }: RequestExportDto): ExportOptions['base'] {
  if (baseVersion !== undefined && baseInventory !== undefined)
    throw new WaybillError('invalid-request', { reason: 'name either a version or an inventory as the base.' });
  if (baseVersion !== undefined) return { version: baseVersion };
  return baseInventory === undefined ? undefined : { inventory: baseInventory };
}
