import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { ReadQueryDto } from './list.dto.js';
import { Optional } from './optional.js';

export class ListUploadsDto extends ReadQueryDto {
  @ApiPropertyOptional({
    description: 'Only uploads that were announced with this digest: `sha256:` and 64 hex digits.',
  })
  @Optional()
  @Matches(/^sha256:[0-9a-f]{64}$/, { message: 'sha256: and 64 lower-case hex digits are expected' })
  readonly sha256?: string;
}

export class UploadDto {
  @ApiProperty({ format: 'uuid', description: 'Its address is /api/v1/uploads/{id}.' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiPropertyOptional({ type: 'integer', description: 'Bytes of the whole; absent when its sender did not know.' })
  readonly size?: number;
  @ApiProperty({ type: 'integer', description: 'Bytes that have arrived.' })
  readonly received!: number;
  @ApiPropertyOptional({ description: 'The digest that was announced.' })
  readonly sha256?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly created?: string;
}

export class UploadListDto {
  @ApiProperty({ type: [UploadDto] })
  readonly items!: readonly UploadDto[];
}
