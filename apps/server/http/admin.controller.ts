import { Controller, Get, Inject, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { examine } from '../admin/doctor.js';
import type { Rebuilds } from '../admin/rebuilds.js';
import { PARTS, type Parts } from '../parts.js';
import { Contexts } from './contexts.js';
import { DiagnosisDto, RebuildAnswerDto } from './dto/admin.dto.js';
import { ReadQueryDto } from './dto/list.dto.js';
import { DryRunDto } from './dto/write.dto.js';
import { Operation } from './operation.js';

/** Under this Nest finds the rebuilds of the read models. */
export const REBUILDS = Symbol('rebuilds');

@ApiTags('service')
@Controller('admin')
export class AdminController {
  constructor(
    @Inject(PARTS) private readonly parts: Parts,
    @Inject(REBUILDS) private readonly rebuilds: Rebuilds,
    private readonly contexts: Contexts,
  ) {}

  @Post('rebuild')
  @Operation({
    summary: 'Rebuild the read models of this server from the log',
    description:
      'The present ones serve until the new ones are ready. One rebuild at a time: a second request is answered with the one at work. It concerns this server only.',
    needs: [],
    writes: true,
    answer: { status: 202, type: RebuildAnswerDto, description: 'It has begun; poll the operation.' },
  })
  rebuild(@Query() _query: DryRunDto, @Req() request: Request): RebuildAnswerDto {
    const { commandId, dryRun } = this.contexts.command(request);
    return { operation: dryRun === true ? `rebuild-${commandId}` : this.rebuilds.begin(commandId) };
  }

  @Get('doctor')
  @Operation({
    summary: 'Look into everything the server stands on',
    description: 'Reads the whole log, which takes seconds for every hundred thousand events.',
    needs: [],
    answer: { status: 200, type: DiagnosisDto, description: 'What was found.' },
  })
  async doctor(@Query() _query: ReadQueryDto): Promise<DiagnosisDto> {
    const findings = await examine(this.parts);
    return { healthy: findings.every(({ state }) => state !== 'problem'), findings };
  }
}
