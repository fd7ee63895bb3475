import { Body, Controller, Get, Inject, Param, Put, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { DELIVERY_READER, SetRetention, type DeliveryReader } from '@waybill/delivery';
import { Contexts } from './contexts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { RetentionDto } from './dto/retention.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { ifMatch } from './etag.js';
import { Operation } from './operation.js';

/** How long what a rollback of an instance would need stays. */
@ApiTags('instances')
@Controller('instances/:instance/retention')
export class RetentionController {
  constructor(
    private readonly commands: CommandBus,
    private readonly contexts: Contexts,
    @Inject(DELIVERY_READER) private readonly reader: DeliveryReader,
  ) {}

  @Get()
  @Operation({
    summary: 'How far back a rollback of the instance must remain possible',
    needs: 'any-role',
    answer: {
      status: 200,
      type: RetentionDto,
      description: 'What was set, else what holds for all. The ETag guards changes.',
    },
    etag: true,
    problems: ['instance-not-found'],
  })
  async show(
    @Param('instance') idOrName: string,
    @Query() _query: ReadQueryDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RetentionDto> {
    const { policy, revision } = await this.reader.retention(this.reader.find(idOrName).id);
    if (revision >= 0n) this.contexts.shown(request, response, revision);
    return policy;
  }

  @Put()
  @Operation({
    summary: 'Say how far back a rollback of the instance must remain possible',
    description:
      'A record is within it when either number says so. What a collection took is not brought back by this.',
    needs: ['operator'],
    writes: true,
    answer: { status: 200, type: RetentionDto, description: 'It holds for the next collection.' },
    problems: ['instance-not-found', 'revision-mismatch'],
  })
  async set(
    @Param('instance') idOrName: string,
    @Body() { records, days }: RetentionDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<RetentionDto> {
    const instance = this.reader.find(idOrName).id;
    const expectedRevision = ifMatch(request.headers['if-match']);
    const { policy, revision, position } = await this.commands.execute(
      new SetRetention({ instance, policy: { records, days }, expectedRevision }, this.contexts.command(request)),
    );
    this.contexts.answered(response, { revision, position });
    return policy;
  }
}
