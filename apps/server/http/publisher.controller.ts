import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { GetPublisher, RevokeOwnKey, RotateKey, type AdvancedPublisher } from '@waybill/catalog';
import { Contexts } from './contexts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { AdvancedPublisherDto, PublisherDto } from './dto/publisher.dto.js';
import { RevokeKeyDto } from './dto/trust.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { Operation } from './operation.js';

@ApiTags('packages')
@Controller('publisher')
export class PublisherController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
  ) {}

  @Get()
  @Operation({
    summary: 'Who signs what is exported here',
    description: 'With its roots, which another site needs to trust it, and which every package carries.',
    needs: 'any-role',
    answer: { status: 200, type: PublisherDto, description: 'The publisher that this server is.' },
    problems: ['signing-key-missing'],
  })
  show(@Query() _query: ReadQueryDto): Promise<PublisherDto> {
    return this.queries.execute(new GetPublisher());
  }

  @Post('rotate')
  @Operation({
    summary: 'Sign with another key from now on',
    description:
      'The next root names the new key and is signed by both. Sites that trust this publisher take packages of the new key without anybody doing anything; those of the old one still count.',
    needs: [],
    writes: true,
    answer: { status: 200, type: AdvancedPublisherDto, description: 'The new key signs.' },
    problems: ['signing-key-missing', 'publisher-root-invalid'],
  })
  async rotate(
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AdvancedPublisherDto> {
    return this.answered(await this.commands.execute(new RotateKey(this.contexts.command(request))), response);
  }

  @Post('revoked-keys')
  @Operation({
    summary: 'Let no signature of a key of this publisher count any more',
    description:
      'Whenever it was made. Sites learn of it from the next package. The key that signs here gets a successor. It cannot be taken back.',
    needs: [],
    writes: true,
    answer: { status: 200, type: AdvancedPublisherDto, description: 'It is revoked, now or since before.' },
    problems: ['signing-key-missing', 'publisher-root-invalid', 'publisher-key-unknown'],
  })
  async revoke(
    @Body() { key, reason }: RevokeKeyDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AdvancedPublisherDto> {
    const command = new RevokeOwnKey({ key, reason }, this.contexts.command(request));
    return this.answered(await this.commands.execute(command), response);
  }

  private answered({ publisher, changed, ...at }: AdvancedPublisher, response: Response): AdvancedPublisherDto {
    this.contexts.answered(response, at);
    return { publisher, changed };
  }
}
