import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsObject,
  IsString,
  IsUUID,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { Optional } from './optional.js';
import { ApiObject } from './apiObject.js';
import { NoticeDto } from './import.dto.js';

/** Images of a version: a file that was uploaded, one on the server, or what a version calls them by. Exactly one is named. */
export class ImageOriginDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'A complete upload of the caller.' })
  @ValidateIf(
    ({ upload, path, from }: ImageOriginDto) => (path === undefined && from === undefined) || upload !== undefined,
  )
  @IsUUID()
  readonly upload?: string;

  @ApiPropertyOptional({ description: 'A file on the server, below one of its import folders.' })
  @Optional()
  @IsString()
  @Length(1, 4096)
  readonly path?: string;

  @ApiPropertyOptional({
    enum: ['engine', 'registry'],
    description:
      'The server’s engine, or the registries that the names of images lead to: asked for those that no entry before had.',
  })
  @Optional()
  @IsIn(['engine', 'registry'])
  readonly from?: 'engine' | 'registry';
}

export class PublishDto {
  @ApiObject(
    'The content of metadata.json. Either this, `metadataUpload`, which keeps every byte, `compose`, or `instance`.',
    false,
  )
  @ValidateIf(
    (body: PublishDto) =>
      (body.metadataUpload === undefined && body.compose === undefined && body.instance === undefined) ||
      body.metadata !== undefined,
  )
  @IsObject()
  readonly metadata?: object;

  @ApiPropertyOptional({ format: 'uuid', description: 'The metadata.json as a complete upload.' })
  @Optional()
  @IsUUID()
  readonly metadataUpload?: string;

  @ApiPropertyOptional({
    description:
      'An instance of this template, by name or id: what runs there becomes the version, with its own images.',
  })
  @Optional()
  @IsString()
  @Length(1, 200)
  readonly instance?: string;

  @ApiPropertyOptional({ description: 'A Compose file, as it is.', maxLength: 1_048_576 })
  @Optional()
  @IsString()
  @Length(1, 1_048_576)
  readonly compose?: string;

  @ApiObject('The texts of the files that the Compose file names, by their paths below its folder.', false)
  @Optional()
  @IsObject()
  readonly files?: Readonly<Record<string, string>>;

  @ApiPropertyOptional({
    type: [ImageOriginDto],
    description: 'Image archives (docker save or OCI layout, plain or gzip’ed), or where the images are found.',
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(64)
  @ValidateNested({ each: true })
  @Type(() => ImageOriginDto)
  readonly images?: readonly ImageOriginDto[];

  @ApiPropertyOptional({
    description:
      'What the caller believes the metadata says: another number is refused. For a Compose file, what it is published as.',
  })
  @Optional()
  @IsString()
  @Length(1, 128)
  readonly version?: string;

  @ApiPropertyOptional({ description: 'What is new, for people.', maxLength: 10_000 })
  @Optional()
  @IsString()
  @Length(1, 10_000)
  readonly notes?: string;

  @ApiPropertyOptional({
    type: [String],
    description:
      'Images that bills of materials are going to be attached to, each by a reference, a digest, or a component that runs it: when the version has not exactly one of that name, nothing is published.',
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(64)
  @IsString({ each: true })
  @Length(1, 1000, { each: true })
  readonly sbomsFor?: readonly string[];
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
  @ApiObject('What the next lower version said otherwise (`from`, `changes`), where there is one.', false)
  readonly difference?: object;
  @ApiObject('What the content store did not have: layers, blobs, bytes.')
  readonly stored!: object;
  @ApiProperty({ type: [NoticeDto] })
  readonly notices!: readonly NoticeDto[];
  @ApiPropertyOptional({
    type: [String],
    description: 'Items of the instance that the version does not take, since they are the site’s own.',
  })
  readonly left?: readonly string[];
  @ApiPropertyOptional({
    type: [String],
    description: 'Settings of the instance that the version does not take, since they wait and are not in effect.',
  })
  readonly waiting?: readonly string[];
  @ApiPropertyOptional({ description: 'It was there already and keeps the notes it has; the request gave others.' })
  readonly notesKept?: boolean;
  @ApiPropertyOptional({ description: 'It was there already and is on offer no more: why.' })
  readonly withdrawn?: string;
}
