import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { GetTemplate, ListTemplates, PublishVersion, type PublishRequest } from '@waybill/catalog';
import { WaybillError } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts, isDryRun } from './contexts.js';
import { TemplateDto, TemplatePageDto } from './dto/catalog.dto.js';
import { ListQueryDto, ReadQueryDto } from './dto/list.dto.js';
import { PublishDto, PublishedDto } from './dto/publish.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { Files } from './files.js';
import { Operation } from './operation.js';
import { encodedPage, innerPage } from './paging.js';
import { publishProblems } from './publishProblems.js';

@ApiTags('templates')
@Controller('templates')
export class TemplatesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
    private readonly files: Files,
  ) {}

  @Get()
  @Operation({
    summary: 'List templates',
    needs: 'any-role',
    answer: { status: 200, type: TemplatePageDto, description: 'Sorted by key.' },
    problems: ['cursor-invalid'],
  })
  async list(@Query() query: ListQueryDto): Promise<TemplatePageDto> {
    const page = await this.queries.execute(new ListTemplates(innerPage('templates', query)));
    return encodedPage('templates', page);
  }

  @Get(':template')
  @Operation({
    summary: 'Show a template',
    description: 'By its key, or by its name when only one has it.',
    needs: 'any-role',
    answer: { status: 200, type: TemplateDto, description: 'The template.' },
    problems: ['template-not-found', 'template-ambiguous'],
  })
  show(@Param('template') template: string, @Query() _query: ReadQueryDto): Promise<TemplateDto> {
    return this.queries.execute(new GetTemplate(template));
  }

  @Post()
  @Operation({
    summary: 'Publish a version of the template that the metadata names',
    needs: ['publisher'],
    writes: true,
    answer: { status: 201, type: PublishedDto, description: 'It is in the catalog.' },
    alsoOk: 'It was there already, with the same content; or a dry run.',
    problems: publishProblems,
  })
  publishAny(
    @Body() body: PublishDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PublishedDto> {
    return this.publishAs(undefined, body, request, response);
  }

  @Post(':template/versions')
  @Operation({
    summary: 'Publish a version',
    description:
      'A version never changes: the same number with the same content is answered as present, with other content it is refused. Answers when everything was verified and stored.',
    needs: ['publisher'],
    writes: true,
    answer: { status: 201, type: PublishedDto, description: 'It is in the catalog.' },
    alsoOk: 'It was there already, with the same content; or a dry run.',
    problems: publishProblems,
  })
  publish(
    @Param('template') template: string,
    @Body() body: PublishDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PublishedDto> {
    return this.publishAs(template, body, request, response);
  }

  private async publishAs(
    template: string | undefined,
    body: PublishDto,
    request: Request,
    response: Response,
  ): Promise<PublishedDto> {
    const { version, notes, images = [] } = body;
    const publication: PublishRequest = {
      metadata: await this.metadata(body, request),
      images: await Promise.all(images.map((image) => this.files.locate(image, request))),
      ...(template === undefined ? {} : { template }),
      ...(version === undefined ? {} : { version }),
      ...(notes === undefined ? {} : { notes }),
    };
    const { manifest, revision, position, ...published } = await this.commands.execute(
      new PublishVersion(publication, this.contexts.command(request)),
    );
    this.contexts.answered(response, {
      ...(revision === undefined ? {} : { revision }),
      ...(position === undefined ? {} : { position }),
    });
    if (published.outcome !== 'published') response.status(200);
    if (!isDryRun(request)) response.once('finish', () => this.files.forget(publication.images, request));
    return { ...published, manifestDigest: manifest };
  }

  private async metadata({ metadata, metadataUpload }: PublishDto, request: Request): Promise<Uint8Array> {
    if (metadata !== undefined && metadataUpload !== undefined)
      throw new WaybillError('invalid-request', { reason: 'name either metadata or metadataUpload.' });
    return metadataUpload === undefined
      ? Buffer.from(JSON.stringify(metadata))
      : this.files.read(metadataUpload, request);
  }
}
