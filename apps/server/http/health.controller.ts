import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { PARTS, type Parts } from '../parts.js';
import { LiveDto, ReadyDto } from './dto/health.dto.js';
import { Operation } from './operation.js';
import { readiness } from './readiness.js';

/** Milliseconds for which an answer about readiness is given again. */
const MEMORY = 1_000;

@ApiTags('service')
@Controller('health')
export class HealthController {
  private asked: { readonly at: number; readonly answer: Promise<ReadyDto> } | undefined;

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
    const state = await this.readinessNow();
    if (state.status === 'unready') response.status(503).setHeader('Retry-After', '2');
    return state;
  }

  /** Anybody may ask as often as they like; the engine and the disk are asked once a second at most. */
  private readinessNow(): Promise<ReadyDto> {
    const now = this.parts.clock.monotonic();
    if (this.asked === undefined || now - this.asked.at >= MEMORY)
      this.asked = { at: now, answer: readiness(this.parts) };
    return this.asked.answer;
  }
}
