import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ApiObject } from './apiObject.js';

export class StepsDto {
  @ApiProperty({ type: 'integer' })
  readonly done!: number;
  @ApiProperty({ type: 'integer' })
  readonly total!: number;
}

export class ProgressDto {
  @ApiProperty({ description: 'What is being done, in words.', example: 'loading images into the engine, 1 of 3 done' })
  readonly step!: string;
  @ApiPropertyOptional({ type: StepsDto, description: 'Of the whole operation.' })
  readonly steps?: StepsDto;
  @ApiPropertyOptional({ type: 'integer', description: 'Bytes of the step in hand.' })
  readonly bytes?: number;
  @ApiPropertyOptional({ type: 'integer', description: 'Bytes that the step will be done at.' })
  readonly total?: number;
  @ApiPropertyOptional({ type: 'integer', description: 'Bytes per second over the last seconds.' })
  readonly rate?: number;
  @ApiPropertyOptional({ type: 'integer', description: 'Seconds until `total` at that rate, or until `until`.' })
  readonly remaining?: number;
  @ApiPropertyOptional({ format: 'date-time', description: 'When the step gives up: the deadline of a gate.' })
  readonly until?: string;
  @ApiPropertyOptional({ description: 'Why it waits, or is tried again.' })
  readonly reason?: string;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

export class OperationDto {
  @ApiProperty({ description: 'import-<id>, export-<id>, record-<id>, publish-<Idempotency-Key>, …' })
  readonly id!: string;
  @ApiProperty({ example: 'import' })
  readonly kind!: string;
  @ApiProperty({
    enum: ['running', 'waiting', 'succeeded', 'failed'],
    description: '`waiting`: for a person. `failed` is also what was refused or given up.',
  })
  readonly state!: 'running' | 'waiting' | 'succeeded' | 'failed';
  @ApiProperty({ description: 'The state in the words of what is carried out.' })
  readonly detail!: string;
  @ApiProperty({ description: 'Address of what is carried out.' })
  readonly subject!: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly started?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Once it has ended.' })
  readonly ended?: string;
  @ApiProperty({ format: 'date-time' })
  readonly updated!: string;
  @ApiPropertyOptional({ type: ProgressDto, description: 'While this server works on it.' })
  readonly progress?: ProgressDto;
  @ApiPropertyOptional({ description: 'What it led to.', type: 'object', additionalProperties: true })
  readonly result?: object;
  @ApiObject('What went wrong, as a problem (`type`, `title`, `status`, `detail`, `code`), and `message`.', false)
  readonly failure?: object;
}
