import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsString,
  Length,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ComponentRefDto, OriginDto, WhoDto, anyJson, planKinds } from './deliveryParts.dto.js';
import { ListQueryDto } from './list.dto.js';
import { Optional } from './optional.js';

/** A configuration file may be set whole. */
const LONGEST_VALUE = 1_048_576;

export class SettingDto {
  @ApiProperty({
    description:
      '`<component>/<path>`: `web/env/LOG_LEVEL`, `db/file//etc/my.cnf`, `web/publish/80`, `web/memory`, `web/cpu`, `web/replicas`. The component by host name, name or key.',
    example: 'web/env/LOG_LEVEL',
  })
  @IsString()
  @Length(3, 4096)
  readonly item!: string;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description:
      '`null` gives the item back to the template. A number is written as text; a published port is a port of the host, `auto` or `none`.',
  })
  @ValidateIf((setting: SettingDto) => setting.value !== null)
  @IsString()
  @MaxLength(LONGEST_VALUE)
  readonly value!: string | null;

  @ApiPropertyOptional({ default: false, description: 'Seal the value and never show it.' })
  @Optional()
  @IsBoolean()
  readonly secret?: boolean;
}

export class ChangeSettingsDto {
  @ApiPropertyOptional({ type: [SettingDto] })
  @Optional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => SettingDto)
  readonly settings?: readonly SettingDto[];

  @ApiPropertyOptional({
    type: [String],
    description: 'Items whose waiting value is not wanted any more; what is in effect stays.',
    example: ['web/env/LOG_LEVEL'],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @MaxLength(4096, { each: true })
  readonly withdraw?: readonly string[];
}

class PendingSetByDto {
  @ApiProperty({ format: 'uuid', description: 'The event by which it was set.' })
  readonly event!: string;
  @ApiProperty({ type: 'integer' })
  readonly revision!: number;
  @ApiProperty({ type: WhoDto })
  readonly by!: WhoDto;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

export class SettingViewDto {
  @ApiProperty()
  readonly item!: string;
  @ApiProperty({ type: ComponentRefDto })
  readonly component!: ComponentRefDto;
  @ApiProperty()
  readonly path!: string;
  @ApiPropertyOptional({
    ...anyJson,
    description: 'What is in effect; a secret is named, never shown. Absent: nothing is.',
  })
  readonly value?: unknown;
  @ApiPropertyOptional({ type: OriginDto })
  readonly setBy?: OriginDto;
  @ApiPropertyOptional({
    ...anyJson,
    description:
      'What the template of the version says; absent: nothing. Of a published port `true` is any free one, `false` none.',
  })
  readonly template?: unknown;
  @ApiProperty({ description: 'Does the template let a site change it?' })
  readonly editable!: boolean;
  @ApiPropertyOptional({ ...anyJson, description: 'The value that waits for a plan; null: the template’s.' })
  readonly pending?: unknown;
  @ApiPropertyOptional({ type: PendingSetByDto, description: 'Who asked for the value that waits.' })
  readonly pendingSetBy?: PendingSetByDto;
}

export class SettingsDto {
  @ApiProperty({ type: [SettingViewDto] })
  readonly items!: readonly SettingViewDto[];
}

export class SettingHistoryQueryDto extends ListQueryDto {
  @ApiPropertyOptional({ description: 'One setting: `<component>/<path>`.', example: 'web/env/LOG_LEVEL' })
  @Optional()
  @IsString()
  @Length(3, 4096)
  readonly item?: string;
}

class RecordRefDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ type: 'integer', description: '1 for the instance’s first.' })
  readonly number!: number;
  @ApiProperty({ enum: planKinds })
  readonly kind!: string;
}

export class SettingEntryDto {
  @ApiProperty()
  readonly item!: string;
  @ApiProperty({ type: ComponentRefDto })
  readonly component!: ComponentRefDto;
  @ApiProperty()
  readonly path!: string;
  @ApiProperty({
    enum: ['set', 'given-back', 'withdrawn', 'took-effect'],
    description: 'Asked for, and waiting from then on; waiting no longer; or in effect by a record.',
  })
  readonly act!: string;
  @ApiPropertyOptional({ ...anyJson, description: 'What was in effect before the record.' })
  readonly before?: unknown;
  @ApiPropertyOptional({
    ...anyJson,
    description: 'What was asked for, or is in effect since. A secret is named, never shown.',
  })
  readonly value?: unknown;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ type: WhoDto, description: 'Who asked for it, or proposed the record.' })
  readonly by!: WhoDto;
  @ApiProperty({ format: 'uuid' })
  readonly event!: string;
  @ApiProperty({ type: 'integer', description: 'Place of the event in the instance’s stream.' })
  readonly revision!: number;
  @ApiPropertyOptional({ type: RecordRefDto, description: 'The record by which it took effect.' })
  readonly record?: RecordRefDto;
  @ApiPropertyOptional({ description: 'The rule of its plan that decided.' })
  readonly rule?: string;
  @ApiPropertyOptional({ description: 'The rule in words.' })
  readonly reason?: string;
}

export class SettingHistoryDto {
  @ApiProperty({ type: [SettingEntryDto] })
  readonly items!: readonly SettingEntryDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}
