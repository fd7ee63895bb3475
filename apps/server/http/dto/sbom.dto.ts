import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsString, IsUUID, Length, ValidateIf } from 'class-validator';
import { ApiObject } from './apiObject.js';
import { Optional } from './optional.js';

export class AttachSbomDto {
  @ApiProperty({
    description:
      'An image of the version: the digest of its configuration or the beginning of it (12 digits at least), a reference, or the key or name of a component that runs it.',
  })
  @IsString()
  @Length(1, 500)
  readonly image!: string;

  @ApiObject('The bill of materials. Either this, or `upload`, which keeps every byte.', false)
  @ValidateIf(({ sbom, upload }: AttachSbomDto) => upload === undefined || sbom !== undefined)
  @IsObject()
  readonly sbom?: object;

  @ApiPropertyOptional({ format: 'uuid', description: 'A complete upload of the caller.' })
  @Optional()
  @IsUUID()
  readonly upload?: string;
}

export class SbomDto {
  @ApiProperty()
  readonly digest!: string;
  @ApiProperty({ example: 'application/vnd.cyclonedx+json' })
  readonly mediaType!: string;
  @ApiProperty({ type: 'integer', description: 'Bytes.' })
  readonly size!: number;
}

export class SbomEntryDto extends SbomDto {
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

export class AttachedSbomDto extends SbomDto {
  @ApiProperty()
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty({ description: 'Digest of the image’s configuration.' })
  readonly image!: string;
  @ApiProperty({ description: 'False: it was attached already.' })
  readonly changed!: boolean;
}
