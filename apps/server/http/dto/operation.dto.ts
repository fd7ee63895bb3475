import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ApiObject } from './apiObject.js';

export class OperationDto {
  @ApiProperty({ description: 'import-<id>, record-<id>, …' })
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
  @ApiProperty({ format: 'date-time' })
  readonly updated!: string;
  @ApiObject('While this server works on it: step, bytes, total.', false)
  readonly progress?: object;
  @ApiPropertyOptional({ description: 'What it led to.', type: 'object', additionalProperties: true })
  readonly result?: object;
  @ApiObject('Code and sentence of what went wrong.', false)
  readonly failure?: object;
}
