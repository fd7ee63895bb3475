import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import {
  FindTemplateRevision,
  GetTemplate,
  ListTemplates,
  PublishVersion,
  type FileLocation,
  type ImageOrigin,
  type PublishRequest,
  type PublishSource,
} from '@waybill/catalog';
import { DELIVERY_READER, type DeliveryReader, type RunningVersion } from '@waybill/delivery';
import { WaybillError, withoutUndefined } from '@waybill/kernel';
import type { Request, Response } from 'express';
import { Contexts, isDryRun } from './contexts.js';
import { TemplateDto, TemplatePageDto } from './dto/catalog.dto.js';
import { ListQueryDto, ReadQueryDto } from './dto/list.dto.js';
import { ImageOriginDto, PublishDto, PublishedDto } from './dto/publish.dto.js';
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
    @Inject(DELIVERY_READER) private readonly instances: DeliveryReader,
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
    answer: { status: 200, type: TemplateDto, description: 'The template. The ETag guards changes of its versions.' },
    etag: true,
    problems: ['template-not-found', 'template-ambiguous'],
  })
  async show(
    @Param('template') template: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TemplateDto> {
    this.contexts.shown(request, response, await this.queries.execute(new FindTemplateRevision(template)));
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
    const { version, notes, sbomsFor, images = [] } = body;
    if (body.instance !== undefined && images.length > 0)
      throw new WaybillError('invalid-request', {
        reason: 'what runs in an instance has its own images: leave images (--images, --from) out.',
      });
    const running = body.instance === undefined ? undefined : await this.running(body.instance);
    const publication: PublishRequest = {
      source: await this.source(body, request, running),
      images: await Promise.all(images.map((image) => this.origin(image, request))),
      ...(template === undefined ? {} : { template }),
      ...(version === undefined ? {} : { version }),
      ...(notes === undefined ? {} : { notes }),
      ...(sbomsFor === undefined ? {} : { sbomsFor }),
    };
    const { manifest, revision, position, ...published } = await this.commands.execute(
      new PublishVersion(publication, this.contexts.command(request)),
    );
    this.contexts.answered(response, {
      ...(revision === undefined ? {} : { revision }),
      ...(position === undefined ? {} : { position }),
    });
    if (published.outcome !== 'published') response.status(200);
    if (!isDryRun(request))
      response.once('finish', () => this.files.forget(publication.images.filter(isFile), request));
    const notTaken = running === undefined ? {} : { left: running.left, waiting: running.waiting };
    return { ...published, manifestDigest: manifest, ...notTaken };
  }

  private async running(named: string): Promise<Running> {
    const { id, name } = this.instances.find(named);
    return { ...(await this.instances.running(id)), instance: { id, name } };
  }

  private async source(
    { metadata, metadataUpload, compose, files = {} }: PublishDto,
    request: Request,
    running: Running | undefined,
  ): Promise<PublishSource> {
    if ([metadata, metadataUpload, compose, running].filter((source) => source !== undefined).length > 1)
      throw new WaybillError('invalid-request', {
        reason: 'name one of metadata, metadataUpload, compose and instance.',
      });
    if (running !== undefined) {
      const { template, version, changes, instance } = running;
      return { format: 'amended', template, version, changes, instance };
    }
    if (compose !== undefined) return { format: 'compose', compose, files: textsOnly(files) };
    const bytes =
      metadataUpload === undefined
        ? Buffer.from(JSON.stringify(metadata))
        : await this.files.read(metadataUpload, request);
    return { format: 'ram', metadata: bytes };
  }

  private async origin({ from, upload, path }: ImageOriginDto, request: Request): Promise<ImageOrigin> {
    if (from === undefined) return this.files.locate({ ...withoutUndefined({ upload, path }) }, request);
    if (upload === undefined && path === undefined) return { kind: from };
    throw new WaybillError('invalid-request', { reason: 'name either a file or where the images are found.' });
  }
}

/** What an instance runs, and which it is. */
type Running = RunningVersion & Pick<Extract<PublishSource, { format: 'amended' }>, 'instance'>;

const isFile = (origin: ImageOrigin): origin is FileLocation => origin.kind === 'path' || origin.kind === 'upload';

function textsOnly(files: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  for (const [path, text] of Object.entries(files))
    if (typeof text !== 'string') throw new WaybillError('invalid-request', { reason: `/files/${path} is no text.` });
  return files as Readonly<Record<string, string>>;
}
