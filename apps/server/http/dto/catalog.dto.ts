import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { anyJson } from './deliveryParts.dto.js';
import { ActorDto } from './actor.dto.js';
import { ApiObject } from './apiObject.js';
import { SbomEntryDto } from './sbom.dto.js';
import { WithdrawnDto } from './standing.dto.js';

export class TemplateDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty({ description: 'As its highest version calls it.' })
  readonly name!: string;
  @ApiProperty({ format: 'date-time' })
  readonly registered!: string;
  @ApiProperty({ type: 'integer' })
  readonly versions!: number;
  @ApiPropertyOptional({ description: 'Its highest version on offer.' })
  readonly latest?: string;
}

export class TemplatePageDto {
  @ApiProperty({ type: [TemplateDto] })
  readonly items!: readonly TemplateDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class VersionDto {
  @ApiProperty()
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'Digest of the manifest: identifies the version.' })
  readonly manifestDigest!: string;
  @ApiProperty({ description: 'Digest of the raw metadata.' })
  readonly source!: string;
  @ApiProperty({ type: 'integer' })
  readonly components!: number;
  @ApiProperty({ type: 'integer', description: 'Uncompressed bytes of all images, shared layers counted for each.' })
  readonly bytes!: number;
  @ApiProperty({ type: 'integer', description: 'Parts that are carried but not applied, and other remarks.' })
  readonly notices!: number;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ type: ActorDto })
  readonly by!: ActorDto;
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'When it was marked as the one its publisher stands for.',
  })
  readonly released?: string;
  @ApiPropertyOptional({ type: ActorDto, description: 'Who marked it.' })
  readonly releasedBy?: ActorDto;
  @ApiPropertyOptional({ type: WithdrawnDto, description: 'It is on offer no more.' })
  readonly withdrawn?: WithdrawnDto;
  @ApiObject(
    'Published here (with notes, and what its images are called at their registries), or imported: from which file, who signed it (no `publisher`: nobody), by whom and why it was accepted by name (`accepted`), when its publisher published it, and its notes.',
  )
  readonly origin!: object;
}

export class VersionPageDto {
  @ApiProperty({ type: [VersionDto], description: 'Lowest first.' })
  readonly items!: readonly VersionDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class ImageDto {
  @ApiProperty({ description: 'Digest of the image’s configuration: the image id.' })
  readonly config!: string;
  @ApiProperty({ type: 'integer', description: 'Uncompressed bytes of its layers.' })
  readonly bytes!: number;
  @ApiProperty()
  readonly os!: string;
  @ApiProperty()
  readonly architecture!: string;
  @ApiProperty({ type: [String] })
  readonly components!: readonly string[];
  @ApiProperty({ description: 'Is all of it in the content store?' })
  readonly complete!: boolean;
  @ApiProperty({ type: [SbomEntryDto], description: 'Bills of materials.' })
  readonly sboms!: readonly SbomEntryDto[];
}

export class ContentListDto {
  @ApiProperty({ type: [String] })
  readonly layers!: readonly string[];
  @ApiProperty({ type: [String] })
  readonly blobs!: readonly string[];
}

export class VersionDetailsDto extends VersionDto {
  @ApiObject('The manifest as it was taken into the catalog.')
  readonly manifest!: object;
  @ApiProperty({ type: [ImageDto] })
  readonly images!: readonly ImageDto[];
  @ApiProperty({ type: ContentListDto, description: 'What the content store lacks of it.' })
  readonly missing!: ContentListDto;
  @ApiObject('What the next lower version said otherwise (`from`, `changes`), where there is one.', false)
  readonly difference?: object | undefined;
  @ApiObject('The package that would bring back what is missing.', false)
  readonly restoredBy?: object | undefined;
}

export class AttributeDifferenceDto {
  @ApiProperty({ example: 'env/LOG_LEVEL' })
  readonly item!: string;
  @ApiProperty({ enum: ['added', 'removed', 'changed'] })
  readonly kind!: string;
  @ApiPropertyOptional({ ...anyJson, description: 'Absent when added.' })
  readonly before?: unknown;
  @ApiPropertyOptional({ ...anyJson, description: 'Absent when removed.' })
  readonly after?: unknown;
}

export class ComponentDifferenceDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: ['added', 'removed', 'changed'] })
  readonly kind!: string;
  @ApiProperty({ type: [AttributeDifferenceDto] })
  readonly attributes!: readonly AttributeDifferenceDto[];
}

export class ManifestDifferenceDto {
  @ApiProperty({ type: [AttributeDifferenceDto] })
  readonly template!: readonly AttributeDifferenceDto[];
  @ApiProperty({ type: [ComponentDifferenceDto] })
  readonly components!: readonly ComponentDifferenceDto[];
}

export class IncompleteVersionDto {
  @ApiProperty()
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty({ type: ContentListDto })
  readonly missing!: ContentListDto;
  @ApiProperty({ description: 'It was taken away on purpose: the version is on offer no more, and nothing needed it.' })
  readonly collected!: boolean;
  @ApiObject('The package that would bring it back; absent: publish it again.', false)
  readonly restoredBy?: object | undefined;
}

export class IncompleteVersionPageDto {
  @ApiProperty({ type: [IncompleteVersionDto] })
  readonly items!: readonly IncompleteVersionDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}
