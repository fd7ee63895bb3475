import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class RunDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ description: 'Key of the component.' })
  readonly component!: string;
  @ApiProperty({ enum: ['running', 'succeeded', 'failed', 'unknown', 'skipped'] })
  readonly status!: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'The time of the schedule that it was for.' })
  readonly due?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The record that ran it: a job of a rollout.' })
  readonly record?: string;
  @ApiPropertyOptional({ type: 'integer' })
  readonly exitCode?: number;
  @ApiPropertyOptional({ description: 'Why it failed, or why it was skipped: `missed`, `overlap`, `record-open`.' })
  readonly reason?: string;
  @ApiPropertyOptional({ type: 'integer', description: 'How many times of the schedule were skipped together.' })
  readonly times?: number;
  @ApiPropertyOptional({ description: 'The last lines it wrote, secrets masked.' })
  readonly log?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly startedAt?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly endedAt?: string;
}

export class RunPageDto {
  @ApiProperty({ type: [RunDto] })
  readonly items!: readonly RunDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}
