import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';
import { Optional } from './optional.js';

/** Accepted by writes that can be tried out. */
export class DryRunDto {
  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Checks everything and writes nothing.' })
  @Optional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  readonly dryRun?: boolean;
}

/** What a dry run answers where the write itself answers without a body. */
export class TriedDto {
  @ApiProperty({ description: 'Would it change anything?' })
  readonly changes!: boolean;
}
