import { Body, Controller, Get, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import { AddPublisher, GetTrust, RevokeKey } from '@waybill/catalog';
import type { Envelope } from '@waybill/packaging';
import type { Request, Response } from 'express';
import { Contexts, isDryRun } from './contexts.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { AddedPublisherDto, AddPublisherDto, RevokeKeyDto, TrustDto } from './dto/trust.dto.js';
import { DryRunDto, type TriedDto } from './dto/write.dto.js';
import { Operation } from './operation.js';

@ApiTags('packages')
@Controller('trust')
export class TrustController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
    private readonly contexts: Contexts,
  ) {}

  @Get()
  @Operation({
    summary: 'Whose packages are taken here',
    needs: 'any-role',
    answer: {
      status: 200,
      type: TrustDto,
      description: 'Publishers, their keys, keys revoked here, and what was taken without trust.',
    },
  })
  show(@Query() _query: ReadQueryDto): Promise<TrustDto> {
    return this.queries.execute(new GetTrust());
  }

  @Post()
  @Operation({
    summary: 'Trust a publisher',
    description: 'Compare the fingerprint with the publisher first, by another way than its roots came.',
    needs: [],
    writes: true,
    answer: { status: 201, type: AddedPublisherDto, description: 'Its packages are taken from now on.' },
    problems: ['publisher-root-invalid', 'publisher-root-conflict', 'publisher-fingerprint-differs'],
  })
  async add(
    @Body() { roots, fingerprint }: AddPublisherDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AddedPublisherDto> {
    const answer = await this.commands.execute(
      new AddPublisher({ roots: roots.map(plain), fingerprint }, this.contexts.command(request)),
    );
    this.contexts.answered(response, answer);
    const { publisher, changed } = answer;
    return { publisher, changed };
  }

  @Post('revoked-keys')
  @Operation({
    summary: 'Let no signature of a key count here any more',
    description: 'Whatever its publisher says of it; it cannot be taken back.',
    needs: [],
    writes: true,
    answer: { status: 204, description: 'It is revoked, now or since before.' },
  })
  async revoke(
    @Body() { key, reason }: RevokeKeyDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<TriedDto | undefined> {
    const answer = await this.commands.execute(new RevokeKey({ key, reason }, this.contexts.command(request)));
    this.contexts.answered(response, answer);
    return isDryRun(request) ? { changes: answer.changed } : undefined;
  }
}

/** What was validated is of a class; what goes into the log is plain. */
const plain = ({ payload, payloadType, signatures }: AddPublisherDto['roots'][number]): Envelope => ({
  payload,
  payloadType,
  signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig })),
});
