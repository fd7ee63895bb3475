import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { exportFormats, type ExportFormat } from '@waybill/catalog';
import { LEAST_PART } from '@waybill/packaging';
import { IsIn, IsInt, IsObject, IsString, Length, Max, Min } from 'class-validator';
import { Optional } from './optional.js';
import { ApiObject } from './apiObject.js';
import { NoticeDto } from './import.dto.js';
import { ListQueryDto } from './list.dto.js';

export const exportStates = ['writing', 'completed', 'failed', 'removed'] as const;

export class RequestExportDto {
  @ApiProperty({ description: 'Key or unambiguous name of the template.' })
  @IsString()
  @Length(1, 256)
  readonly template!: string;

  @ApiProperty({ description: 'Number of the version, as it is written in the catalog.' })
  @IsString()
  @Length(1, 128)
  readonly version!: string;

  @ApiPropertyOptional({
    enum: exportFormats,
    default: 'waybill',
    description:
      '`waybill`: signed, for other servers; `ram`: for the reference system; `docker-compose`: runs with Docker Compose alone and cannot be imported.',
  })
  @Optional()
  @IsIn(exportFormats)
  readonly format?: ExportFormat;

  @ApiPropertyOptional({
    description: 'Leaves out the layers of this version, which whoever gets the package has. Format `waybill` only.',
  })
  @Optional()
  @IsString()
  @Length(1, 128)
  readonly baseVersion?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description:
      'Leaves out the layers that this inventory lists: what GET /inventory of the receiving site answered, or the request that `waybill import` wrote there when a delta lacked some. Either this or `baseVersion`.',
  })
  @Optional()
  @IsObject()
  readonly baseInventory?: object;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: LEAST_PART,
    description:
      'Gives the package out in parts of so many bytes, at most 999, with an index: GET /exports/{id}/files/{name}.',
  })
  @Optional()
  @IsInt()
  @Min(LEAST_PART)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly split?: number;
}

export class ListExportsDto extends ListQueryDto {
  @ApiPropertyOptional({ enum: exportStates })
  @Optional()
  @IsIn(exportStates)
  readonly state?: (typeof exportStates)[number];
}

export class ExportAnswerDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ description: 'What to poll: GET /operations/{operation}.' })
  readonly operation!: string;
  @ApiProperty({ enum: exportStates })
  readonly state!: string;
}

export class ExportedFileDto {
  @ApiProperty({ description: 'As it is to be called.' })
  readonly name!: string;
  @ApiProperty()
  readonly digest!: string;
  @ApiProperty({ type: 'integer', description: 'Bytes.' })
  readonly size!: number;
  @ApiObject('Id of the publisher and fingerprint of the key, where the format has signatures.', false)
  readonly signer?: object;
  @ApiObject(
    'Where it is given out in parts: `index` (digest of the index), its `name` and `size`, `partSize` and `count`.',
    false,
  )
  readonly parts?: object;
}

export class ExportSummaryDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ enum: exportStates })
  readonly state!: string;
  @ApiProperty({ description: 'Key of the template.' })
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty({ enum: exportFormats })
  readonly format!: string;
  @ApiProperty({ format: 'date-time' })
  readonly requested!: string;
  @ApiProperty({ format: 'date-time' })
  readonly updated!: string;
  @ApiObject('Who asked for it: id and printed name.')
  readonly by!: object;
  @ApiPropertyOptional({ type: ExportedFileDto, description: 'Once it is written.' })
  readonly file?: ExportedFileDto;
  @ApiObject('Code and sentence of what went wrong.', false)
  readonly failure?: object;
}

export class ExportPageDto {
  @ApiProperty({ type: [ExportSummaryDto], description: 'Newest first.' })
  readonly items!: readonly ExportSummaryDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class ExportDto extends ExportSummaryDto {
  @ApiProperty()
  readonly operation!: string;
  @ApiProperty({ description: 'What the number stands for.' })
  readonly manifest!: string;
  @ApiPropertyOptional({
    type: [NoticeDto],
    description: 'What the template says and a package of the format `docker-compose` does not do.',
  })
  readonly notCarried?: readonly NoticeDto[];
  @ApiObject('Whose layers were left out: `version`, or `inventory` (digest of the document).', false)
  readonly base?: object;
  @ApiPropertyOptional({ type: 'integer', description: 'Bytes of the parts that were asked for.' })
  readonly split?: number;
  @ApiObject('While the server works on it: step, bytes, total.', false)
  readonly progress?: object;
}

export class InventoryDto {
  @ApiProperty({ example: 'application/vnd.waybill.inventory+json' })
  readonly payloadType!: string;
  @ApiProperty({ description: 'Base64 of canonical JSON: `schema`, `site` (name, publisher, key), `at`, `layers`.' })
  readonly payload!: string;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } })
  readonly signatures!: readonly object[];
}
