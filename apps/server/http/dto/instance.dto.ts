import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length, MaxLength, ValidateNested } from 'class-validator';
import { Optional } from './optional.js';
import { MadeContainerDto, PublishedPortDto, TemplateRefDto, VersionRefDto } from './deliveryParts.dto.js';
import { ListQueryDto, ReadQueryDto } from './list.dto.js';
import { SettingDto } from './setting.dto.js';
import { WithdrawnDto } from './standing.dto.js';

export class CreateInstanceDto {
  @ApiProperty({ example: 'shop', description: '1 to 40 letters, digits and dashes.' })
  @IsString()
  @Length(1, 40)
  readonly name!: string;

  @ApiProperty({ description: 'Key of the template, or its name where only one has it.' })
  @IsString()
  @Length(1, 255)
  readonly template!: string;

  @ApiPropertyOptional({
    description: 'The version that the settings are checked against; absent: the highest on offer.',
  })
  @Optional()
  @IsString()
  @Length(1, 64)
  readonly version?: string;

  @ApiPropertyOptional({ type: [SettingDto], description: 'What the site wants from the start.' })
  @Optional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => SettingDto)
  readonly settings?: readonly SettingDto[];
}

export class InstanceListQueryDto extends ListQueryDto {
  @ApiPropertyOptional({ default: false, description: 'Removed ones too.' })
  @Optional()
  @IsIn(['true', 'false'])
  readonly removed?: 'true' | 'false';
}

export class StateQueryDto extends ReadQueryDto {
  @ApiProperty({ format: 'date-time', description: 'RFC 3339; the state is folded from what was recorded up to then.' })
  @IsString()
  @MaxLength(64)
  readonly at!: string;
}

/** What every view of an instance says. */
class InstanceRefDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: TemplateRefDto })
  readonly template!: TemplateRefDto;
  @ApiProperty()
  readonly engine!: string;
  @ApiProperty({ enum: ['created', 'installed', 'removed'] })
  readonly status!: string;
  @ApiProperty({ type: 'string', nullable: true })
  readonly version!: string | null;
  @ApiProperty({ type: 'string', nullable: true })
  readonly openRecord!: string | null;
}

export class InstanceSummaryDto extends InstanceRefDto {
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  readonly changedAt!: string;
  @ApiPropertyOptional({ type: WithdrawnDto, description: 'It runs a version that is on offer no more.' })
  readonly withdrawn?: WithdrawnDto;
}

export class InstancePageDto {
  @ApiProperty({ type: [InstanceSummaryDto] })
  readonly items!: readonly InstanceSummaryDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

class ServingDto {
  @ApiProperty({ format: 'uuid', description: 'The record that made it.' })
  readonly record!: string;
  @ApiProperty({ type: [MadeContainerDto] })
  readonly containers!: readonly MadeContainerDto[];
}

export class ComponentStateDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ description: 'Its name on the instance’s network.' })
  readonly host!: string;
  @ApiProperty({ description: 'The version of the template it was last brought to.' })
  readonly version!: string;
  @ApiPropertyOptional({ description: 'Image id.' })
  readonly image?: string;
  @ApiProperty({ description: '`service`, `stateful`, `job`, `cron`, `external`, or `unsupported`.' })
  readonly workload!: string;
  @ApiPropertyOptional({ description: 'When it runs, for one that runs at times: five fields, or `never`.' })
  readonly schedule?: string;
  @ApiProperty({ type: [PublishedPortDto] })
  readonly ports!: readonly PublishedPortDto[];
  @ApiPropertyOptional({ type: ServingDto })
  readonly serving?: ServingDto;
}

export class InstanceStateDto extends InstanceRefDto {
  @ApiProperty({ type: 'string', nullable: true })
  readonly manifest!: string | null;
  @ApiProperty({ type: 'string', nullable: true })
  readonly desired!: string | null;
  @ApiProperty({ type: [String], description: 'Settings that wait for a plan.' })
  readonly pending!: readonly string[];
  @ApiProperty({ type: [ComponentStateDto] })
  readonly components!: readonly ComponentStateDto[];
  @ApiProperty({ description: 'Place of the last event it was folded from.' })
  readonly revision!: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'The moment asked for.' })
  readonly at?: string;
}

class LiveContainerDto extends MadeContainerDto {
  @ApiProperty()
  readonly state!: string;
  @ApiProperty({ enum: ['healthy', 'unhealthy', 'starting', 'none'] })
  readonly health!: string;
  @ApiProperty({ type: 'integer' })
  readonly restarts!: number;
}

export class LiveComponentDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: ['healthy', 'starting', 'failing', 'missing', 'stray', 'scheduled', 'not-run-here'] })
  readonly condition!: string;
  @ApiProperty()
  readonly detail!: string;
  @ApiProperty({ type: [LiveContainerDto] })
  readonly containers!: readonly LiveContainerDto[];
}

export class DriftDto {
  @ApiProperty({ description: 'Does the engine have just what the log says?' })
  readonly inStep!: boolean;
  @ApiProperty({ type: [LiveComponentDto] })
  readonly components!: readonly LiveComponentDto[];
}

export class InstanceDto extends InstanceStateDto {
  @ApiPropertyOptional({
    type: [LiveComponentDto],
    description: 'What the engine has now; absent while it cannot be reached.',
  })
  readonly live?: readonly LiveComponentDto[];
  @ApiPropertyOptional({ description: 'Why the live state is absent.' })
  readonly liveUnknown?: string;
  @ApiPropertyOptional({ type: WithdrawnDto, description: 'It runs a version that is on offer no more.' })
  readonly withdrawn?: WithdrawnDto;
}

export class OfferedVersionDto extends VersionRefDto {}

export class UpgradesDto {
  @ApiProperty({ type: 'string', nullable: true })
  readonly current!: string | null;
  @ApiProperty({ type: [OfferedVersionDto], description: 'Higher versions, lowest first.' })
  readonly upgrades!: readonly OfferedVersionDto[];
}
