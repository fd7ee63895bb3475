import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsObject, IsString, IsUUID, Length, ValidateIf, ValidateNested } from 'class-validator';
import { Optional } from './optional.js';
import { ApiObject } from './apiObject.js';
import { NoticeDto } from './import.dto.js';

/** A file: one that was uploaded, or one on the server. */
export class FileDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'A complete upload of the caller. Either this or `path`.' })
  @ValidateIf((file: FileDto) => file.path === undefined || file.upload !== undefined)
  @IsUUID()
  readonly upload?: string;

  @ApiPropertyOptional({
    description: 'A file on the server, below one of its import folders. Either this or `upload`.',
  })
  @Optional()
  @IsString()
  @Length(1, 4096)
  readonly path?: string;
}

export class PublishDto {
  @ApiObject('The content of metadata.json. Either this or `metadataUpload`, which keeps every byte as it is.', false)
  @ValidateIf((body: PublishDto) => body.metadataUpload === undefined || body.metadata !== undefined)
  @IsObject()
  readonly metadata?: object;

  @ApiPropertyOptional({ format: 'uuid', description: 'The metadata.json as a complete upload.' })
  @Optional()
  @IsUUID()
  readonly metadataUpload?: string;

  @ApiPropertyOptional({
    type: [FileDto],
    description: 'Image archives (docker save or OCI layout, plain or gzip’ed).',
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(64)
  @ValidateNested({ each: true })
  @Type(() => FileDto)
  readonly images?: readonly FileDto[];

  @ApiPropertyOptional({ description: 'What the caller believes the metadata says; another number is refused.' })
  @Optional()
  @IsString()
  @Length(1, 128)
  readonly version?: string;

  @ApiPropertyOptional({ description: 'What is new, for people.', maxLength: 10_000 })
  @Optional()
  @IsString()
  @Length(1, 10_000)
  readonly notes?: string;
}

export class PublishedDto {
  @ApiProperty()
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty({ description: 'Digest of the manifest: identifies the version.' })
  readonly manifestDigest!: string;
  @ApiProperty({ enum: ['published', 'already-present', 'checked'], description: '`checked`: a dry run.' })
  readonly outcome!: string;
  @ApiObject('How it stands to what the catalog had.')
  readonly verdict!: object;
  @ApiObject('What the content store did not have: layers, blobs, bytes.')
  readonly stored!: object;
  @ApiProperty({ type: [NoticeDto] })
  readonly notices!: readonly NoticeDto[];
}
