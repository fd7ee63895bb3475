import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsOptional,
  IsString,
  Length,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ComponentRefDto, OriginDto, anyJson } from './deliveryParts.dto.js';

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

  @ApiProperty({ type: 'string', nullable: true, description: '`null` gives the item back to the template.' })
  @ValidateIf((setting: SettingDto) => setting.value !== null)
  @IsString()
  @MaxLength(LONGEST_VALUE)
  readonly value!: string | null;

  @ApiPropertyOptional({ default: false, description: 'Seal the value and never show it.' })
  @IsOptional()
  @IsBoolean()
  readonly secret?: boolean;
}

export class ChangeSettingsDto {
  @ApiProperty({ type: [SettingDto] })
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => SettingDto)
  readonly settings!: readonly SettingDto[];
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
    description: 'A secret is named, never shown. Absent: it has no value yet, one waits.',
  })
  readonly value?: unknown;
  @ApiPropertyOptional({ type: OriginDto })
  readonly setBy?: OriginDto;
  @ApiPropertyOptional({ ...anyJson, description: 'The value that waits for a plan.' })
  readonly pending?: unknown;
}

export class SettingsDto {
  @ApiProperty({ type: [SettingViewDto] })
  readonly items!: readonly SettingViewDto[];
}
