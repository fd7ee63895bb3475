import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';

/** Accepted by writes that can be tried out. */
export class DryRunDto {
  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Checks everything and writes nothing.' })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  readonly dryRun?: boolean;
}
