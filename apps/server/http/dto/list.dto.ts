import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { Optional } from './optional.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from '../paging.js';

/** Accepted by every read. */
export class ReadQueryDto {
  @ApiPropertyOptional({
    description:
      'A position token (header Waybill-Position of a write): the answer knows at least what was written there.',
  })
  @Optional()
  @IsString()
  @MaxLength(512)
  readonly after?: string;
}

/** Accepted by every list. */
export class ListQueryDto extends ReadQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT })
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  readonly limit?: number;

  @ApiPropertyOptional({ description: '`next` of the page before.' })
  @Optional()
  @IsString()
  @MaxLength(2048)
  readonly cursor?: string;
}
