import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, IsUUID, Length, Matches, ValidateIf } from 'class-validator';
import type { Digest } from '@waybill/kernel';
import { AcceptedPackageDto } from './accepted.dto.js';
import { DIGEST } from './trust.dto.js';
import { Optional } from './optional.js';
import { ApiObject } from './apiObject.js';
import { ListQueryDto } from './list.dto.js';

export const importStates = [
  'collecting',
  'reading',
  'inspected',
  'storing',
  'cataloguing',
  'completed',
  'refused',
  'failed',
  'discarded',
] as const;

export class NoticeDto {
  @ApiProperty()
  readonly code!: string;
  @ApiProperty({ description: 'Where: component:<key>, template, an entry’s name.' })
  readonly subject!: string;
  @ApiProperty()
  readonly message!: string;
}

const acceptedBy = {
  unsigned: 'Take it though nobody signed it, for this reason, which stands in the log for ever.',
  publisher: 'Take it though its publisher, by this digest of its first root, is not trusted here.',
};

export class RequestImportDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'A complete upload of the caller. Either this or `path`.' })
  @ValidateIf((body: RequestImportDto) => body.path === undefined || body.upload !== undefined)
  @IsUUID()
  readonly upload?: string;

  @ApiPropertyOptional({
    description: 'A file on the server, below one of its import folders. Either this or `upload`.',
  })
  @Optional()
  @IsString()
  @Length(1, 4096)
  readonly path?: string;

  @ApiPropertyOptional({ default: false, description: 'Take it into the catalog when nothing speaks against it.' })
  @Optional()
  @IsBoolean()
  readonly confirm?: boolean;

  @ApiPropertyOptional({ description: 'The number to take it under, when confirmed in advance.' })
  @Optional()
  @IsString()
  @Length(1, 128)
  readonly version?: string;

  @ApiPropertyOptional({ description: `${acceptedBy.unsigned} Needs the role approver.`, maxLength: 1000 })
  @Optional()
  @IsString()
  @Length(1, 1000)
  readonly acceptUnsigned?: string;

  @ApiPropertyOptional({ description: `${acceptedBy.publisher} Needs the role approver.`, pattern: DIGEST.source })
  @ValidateIf((body: RequestImportDto) => body.acceptPublisher !== undefined)
  @Matches(DIGEST, { message: 'a digest such as sha256:0123… is expected' })
  readonly acceptPublisher?: Digest;
}

export class ReceivePartDto {
  @ApiPropertyOptional({ format: 'uuid', description: 'A complete upload of the caller. Either this or `path`.' })
  @ValidateIf((body: ReceivePartDto) => body.path === undefined || body.upload !== undefined)
  @IsUUID()
  readonly upload?: string;

  @ApiPropertyOptional({
    description:
      'A file on the server, below one of its import folders, under the name that the index gives it. It must stay there until the package was read.',
  })
  @Optional()
  @IsString()
  @Length(1, 4096)
  readonly path?: string;
}

export class ConfirmImportDto {
  @ApiPropertyOptional({ description: 'The number to take it under, where it is not the package’s own.' })
  @Optional()
  @IsString()
  @Length(1, 128)
  readonly version?: string;
}

export class ListImportsDto extends ListQueryDto {
  @ApiPropertyOptional({ enum: importStates })
  @Optional()
  @IsIn(importStates)
  readonly state?: (typeof importStates)[number];
}

export class ImportAnswerDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ description: 'What to poll: GET /operations/{operation}.' })
  readonly operation!: string;
  @ApiProperty({ enum: importStates })
  readonly state!: string;
}

export class ImportSummaryDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: importStates })
  readonly state!: string;
  @ApiProperty({ enum: ['path', 'upload', 'parts'] })
  readonly source!: string;
  @ApiProperty({ description: 'Name of the file.' })
  readonly name!: string;
  @ApiProperty({ format: 'date-time' })
  readonly requested!: string;
  @ApiProperty({ format: 'date-time' })
  readonly updated!: string;
  @ApiObject('Who asked for it: id and printed name.')
  readonly by!: object;
  @ApiObject('Of a split package: digest of the whole, count of the parts, and how many are missing.', false)
  readonly parts?: object;
  @ApiObject('Digest and size of the file.', false)
  readonly file?: object;
  @ApiObject('Key and name of the template.', false)
  readonly template?: object;
  @ApiPropertyOptional()
  readonly version?: string;
  @ApiPropertyOptional()
  readonly outcome?: string;
  @ApiObject('Code and sentence of what went wrong.', false)
  readonly failure?: object;
}

export class ImportPageDto {
  @ApiProperty({ type: [ImportSummaryDto], description: 'Newest first.' })
  readonly items!: readonly ImportSummaryDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class ImportDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly operation!: string;
  @ApiProperty({ enum: importStates })
  readonly state!: string;
  @ApiObject('Kind and name of the file.')
  readonly source!: object;
  @ApiProperty({ description: 'It was confirmed with the request: nobody is waited for.' })
  readonly confirm!: boolean;
  @ApiObject('Who asked for it.')
  readonly by!: object;
  @ApiProperty({ format: 'date-time' })
  readonly requested!: string;
  @ApiProperty({ format: 'date-time' })
  readonly updated!: string;
  @ApiObject(
    'Of a split package: digest of the whole, count of the parts, and those that are missing: number, name, size, digest, and `reason` (`gone` or `differs`) where one was there.',
    false,
  )
  readonly parts?: object;
  @ApiObject('What the package holds: template, version, components, images, layers, notices.', false)
  readonly inspection?: object;
  @ApiPropertyOptional({
    type: AcceptedPackageDto,
    description: 'By whom and why it was accepted by name, where that was needed.',
  })
  readonly accepted?: AcceptedPackageDto;
  @ApiObject('While a person may still decide: how it stands to the catalog, and what it would change.', false)
  readonly assessment?: object;
  @ApiObject('Under which number it was taken, and whether in advance.', false)
  readonly confirmation?: object;
  @ApiObject('What the content store did not have.', false)
  readonly stored?: object;
  @ApiObject('What became of it: template, version, outcome.', false)
  readonly result?: object;
  @ApiObject('Code and sentence of what went wrong.', false)
  readonly failure?: object;
  @ApiObject('While the server works on it: step, bytes, total.', false)
  readonly progress?: object;
}
