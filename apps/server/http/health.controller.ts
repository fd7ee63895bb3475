import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { PARTS, type Parts } from '../parts.js';
import { LiveDto, ReadyDto } from './dto/health.dto.js';
import { Operation } from './operation.js';
import { readiness } from './readiness.js';

@ApiTags('service')
@Controller('health')
export class HealthController {
  constructor(@Inject(PARTS) private readonly parts: Parts) {}

  @Get('live')
  @Operation({
    summary: 'Does the process answer?',
    needs: 'nobody-in-particular',
    answer: { status: 200, type: LiveDto, description: 'It does.' },
  })
  live(): LiveDto {
    return { status: 'live' };
  }

  @Get('ready')
  @Operation({
    summary: 'Can the server do its work, and if not, why?',
    description:
      'The event store and the read models must be there; without the engine the server is `degraded`: packages and history work, rollouts wait.',
    needs: 'nobody-in-particular',
    answer: { status: 200, type: ReadyDto, description: '`ready` or `degraded`.' },
    unready: ReadyDto,
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadyDto> {
    const state = await readiness(this.parts);
    if (state.status === 'unready') response.status(503).setHeader('Retry-After', '2');
    return state;
  }
}
