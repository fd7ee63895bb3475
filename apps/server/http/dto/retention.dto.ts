import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { Optional } from './optional.js';

export class RetentionDto {
  @ApiProperty({ type: 'integer', minimum: 0, maximum: 1000, description: 'To before its last so many records.' })
  @IsInt()
  @Min(0)
  @Max(1000)
  readonly records!: number;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    maximum: 36_500,
    description: 'And to before every record that ended in the last so many days.',
  })
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly days!: number;
}

export class CollectDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 36_500,
    default: 30,
    description: 'Exported packages that were written longer ago go, too; those of withdrawn versions go anyway.',
  })
  @Optional()
  @IsInt()
  @Min(0)
  @Max(36_500)
  readonly exportDays?: number;
}

class CollectedContentDto {
  @ApiProperty({ enum: ['layer', 'blob'] })
  readonly kind!: string;
  @ApiProperty({ description: 'Of a layer the diff id.' })
  readonly digest!: string;
  @ApiProperty({ type: 'integer', description: 'Bytes on disk.' })
  readonly size!: number;
  @ApiProperty({ type: [String], description: 'Versions that name it, all of them withdrawn: `<template> <version>`.' })
  readonly versions!: readonly string[];
}

class CollectedExportDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'On disk; 0 where an equal package has the same file.' })
  readonly size!: number;
  @ApiProperty({ description: 'Why it is wanted no more.' })
  readonly because!: string;
}

class KeptImagesDto {
  @ApiProperty({ type: 'integer' })
  readonly kept!: number;
  @ApiProperty({ type: 'integer' })
  readonly of!: number;
}

class KeptVersionDto {
  @ApiProperty()
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty({ description: 'Why it is on offer no more.' })
  readonly withdrawn!: string;
  @ApiProperty({ type: KeptImagesDto, description: 'How many of its images stay: some may be of others, too.' })
  readonly images!: KeptImagesDto;
  @ApiProperty({ type: [String], description: 'Why they stay.' })
  readonly because!: readonly string[];
}

export class CollectionDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'Absent: nothing was to be collected, or this was a dry run.' })
  readonly collection?: string;
  @ApiProperty({ enum: ['collected', 'nothing', 'checked'] })
  readonly outcome!: string;
  @ApiProperty({ type: 'integer', description: 'On disk.' })
  readonly bytes!: number;
  @ApiProperty({ type: [CollectedContentDto] })
  readonly content!: readonly CollectedContentDto[];
  @ApiProperty({ type: [CollectedExportDto] })
  readonly exports!: readonly CollectedExportDto[];
  @ApiProperty({ type: [KeptVersionDto], description: 'Withdrawn versions of whose images some stay.' })
  readonly kept!: readonly KeptVersionDto[];
}
