import { Body, Controller, Param, Post, Query, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ChangeStanding, type StandingChange } from '@waybill/catalog';
import { Contexts } from './contexts.js';
import { StandingDto, WithdrawVersionDto } from './dto/standing.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { ifMatch } from './etag.js';
import { Operation } from './operation.js';

@ApiTags('templates')
@Controller('templates/:template/versions/:version')
export class StandingController {
  constructor(
    private readonly commands: CommandBus,
    private readonly contexts: Contexts,
  ) {}

  @Post('release')
  @Operation({
    summary: 'Mark a version as the one its publisher stands for',
    description:
      'A mark for people: versions without it are offered as well. What was withdrawn cannot be released any more; publish it under a new number.',
    needs: ['publisher'],
    writes: true,
    answer: { status: 200, type: StandingDto, description: 'It is released, now or since before.' },
    problems: [
      'template-not-found',
      'template-ambiguous',
      'version-not-found',
      'version-withdrawn',
      'revision-mismatch',
    ],
  })
  release(
    @Param('template') template: string,
    @Param('version') version: string,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StandingDto> {
    return this.change({ template, version, change: { kind: 'release' } }, request, response);
  }

  @Post('withdraw')
  @Operation({
    summary: 'Take a version from offer, for good',
    description:
      'It is neither installed nor upgraded to nor exported any more. Instances that run it go on, going back to it stays possible, and its history stays. Packages of the template that are written from now on carry the withdrawal.',
    needs: ['publisher'],
    writes: true,
    answer: { status: 200, type: StandingDto, description: 'It is withdrawn, now or since before.' },
    problems: ['template-not-found', 'template-ambiguous', 'version-not-found', 'revision-mismatch'],
  })
  withdraw(
    @Param('template') template: string,
    @Param('version') version: string,
    @Body() { reason }: WithdrawVersionDto,
    @Query() _query: DryRunDto,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StandingDto> {
    return this.change({ template, version, change: { kind: 'withdraw', reason } }, request, response);
  }

  private async change(change: StandingChange, request: Request, response: Response): Promise<StandingDto> {
    const expectedRevision = ifMatch(request.headers['if-match']);
    const { manifest, revision, position, ...standing } = await this.commands.execute(
      new ChangeStanding({ ...change, expectedRevision }, this.contexts.command(request)),
    );
    this.contexts.answered(response, { revision, position });
    return { ...standing, manifestDigest: manifest };
  }
}
