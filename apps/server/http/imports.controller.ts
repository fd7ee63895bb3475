import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import {
  ConfirmImport,
  DiscardImport,
  GetImport,
  ListImports,
  ReceivePart,
  RequestImport,
  type Acceptance,
  type ImportAnswer,
} from '@waybill/catalog';
import { ACCESS, type Access } from '@waybill/access';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { authorize } from './authorization.js';
import { Contexts } from './contexts.js';
import {
  ConfirmImportDto,
  ImportAnswerDto,
  ImportDto,
  ImportPageDto,
  ListImportsDto,
  ReceivePartDto,
  RequestImportDto,
} from './dto/import.dto.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { ifMatch } from './etag.js';
import { Files } from './files.js';
import { Operation } from './operation.js';
import { encodedPage, innerPage } from './paging.js';

@ApiTags('packages')
@Controller('imports')
export class ImportsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
    private readonly files: Files,
    @Inject(ACCESS) private readonly access: Access,
  ) {}

  @Post()
  @Operation({
    summary: 'Import a package',
    description:
      'The package is read and verified in the background; nothing of it counts before it is confirmed. The file may be the index of a split package: it waits for the parts then, but for those that lie beside it on the server.',
    needs: ['operator'],
    writes: true,
    answer: { status: 202, type: ImportAnswerDto, description: 'It has begun; poll the operation.' },
    problems: [
      'upload-not-found',
      'upload-incomplete',
      'package-not-found',
      'package-path-refused',
      'parts-index-invalid',
    ],
  })
  async request(
    @Body() body: RequestImportDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportAnswerDto> {
    const { confirm = false, version } = body;
    const accept = acceptanceIn(body);
    // By what it allows, and on record as that: taking what nobody vouches for is more than importing.
    if (accept !== undefined) await authorize(this.access, request, ['approver']);
    const source = await this.files.locate(body, request);
    const answer = await this.commands.execute(
      new RequestImport(
        {
          source,
          confirm,
          ...(version === undefined ? {} : { version }),
          ...(accept === undefined ? {} : { accept }),
        },
        this.contexts.command(request),
      ),
    );
    return this.answered(answer, response);
  }

  @Get()
  @Operation({
    summary: 'List imports',
    needs: 'any-role',
    answer: { status: 200, type: ImportPageDto, description: 'Newest first.' },
    problems: ['cursor-invalid'],
  })
  async list(@Query() query: ListImportsDto): Promise<ImportPageDto> {
    const filter = { ...innerPage('imports', query), state: query.state };
    return encodedPage('imports', await this.queries.execute(new ListImports(filter)));
  }

  @Get(':id')
  @Operation({
    summary: 'Show an import: what the package holds, and how it stands to the catalog',
    needs: 'any-role',
    answer: { status: 200, type: ImportDto, description: 'The import as the log has it now.' },
    etag: true,
    problems: ['import-not-found'],
  })
  async show(
    @Param('id') id: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportDto> {
    const { revision, ...view } = await this.queries.execute(new GetImport(id));
    this.contexts.shown(request, response, revision, view.progress !== undefined || view.assessment !== undefined);
    return view;
  }

  @Post(':id/parts')
  @Operation({
    summary: 'Give a part of a split package',
    description: 'In any order; one that is there already changes nothing. With the last one the package is read.',
    needs: ['operator'],
    writes: true,
    answer: { status: 202, type: ImportAnswerDto, description: 'It is there; GET /imports/{id} says what is missing.' },
    problems: [
      'import-not-found',
      'import-not-collecting',
      'part-differs',
      'part-unknown',
      'upload-not-found',
      'upload-incomplete',
      'package-not-found',
      'package-path-refused',
    ],
  })
  async part(
    @Param('id') id: string,
    @Body() body: ReceivePartDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportAnswerDto> {
    const part = { import: id, file: await this.files.locate(body, request) };
    return this.answered(await this.commands.execute(new ReceivePart(part, this.contexts.command(request))), response);
  }

  @Post(':id/confirm')
  @Operation({
    summary: 'Take what was inspected into the catalog',
    needs: ['operator'],
    writes: true,
    answer: { status: 202, type: ImportAnswerDto, description: 'It is being stored; poll the operation.' },
    problems: [
      'import-not-found',
      'import-not-confirmable',
      'version-content-differs',
      'version-spelling-clash',
      'invalid-version',
      'revision-mismatch',
    ],
  })
  async confirm(
    @Param('id') id: string,
    @Body() { version }: ConfirmImportDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportAnswerDto> {
    const target = { import: id, version, expectedRevision: ifMatch(request.headers['if-match']) };
    const answer = await this.commands.execute(new ConfirmImport(target, this.contexts.command(request)));
    return this.answered(answer, response);
  }

  @Delete(':id')
  @Operation({
    summary: 'Give an import up',
    needs: ['operator'],
    writes: true,
    answer: { status: 200, type: ImportAnswerDto, description: 'It is given up; nothing of it stays.' },
    problems: ['import-not-found', 'import-finished', 'revision-mismatch'],
  })
  async discard(
    @Param('id') id: string,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ImportAnswerDto> {
    const target = { import: id, expectedRevision: ifMatch(request.headers['if-match']) };
    const answer = await this.commands.execute(new DiscardImport(target, this.contexts.command(request)));
    return this.answered(answer, response);
  }

  private answered(answer: ImportAnswer, response: Response): ImportAnswerDto {
    const { import: id, operation, state } = answer;
    this.contexts.answered(response, answer);
    if (answer.revision >= 0n) response.setHeader('Location', `/api/v1/imports/${id}`);
    return { id, operation, state };
  }
}

function acceptanceIn({
  acceptUnsigned: reason,
  acceptPublisher: publisher,
}: RequestImportDto): Acceptance | undefined {
  if (reason !== undefined && publisher !== undefined)
    throw new WaybillError('invalid-request', { reason: 'A package is accepted as unsigned, or as a publisher’s.' });
  if (reason !== undefined) return { kind: 'unsigned', reason };
  return publisher === undefined ? undefined : { kind: 'publisher', publisher };
}
