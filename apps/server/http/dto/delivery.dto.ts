import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ListQueryDto, ReadQueryDto } from './list.dto.js';

const planKinds = ['install', 'upgrade', 'rollback', 'reconfigure', 'remove'] as const;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
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
  @IsOptional()
  @IsString()
  @Length(1, 64)
  readonly version?: string;

  @ApiPropertyOptional({ type: [SettingDto], description: 'What the site wants from the start.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => SettingDto)
  readonly settings?: readonly SettingDto[];
}

export class ChangeSettingsDto {
  @ApiProperty({ type: [SettingDto] })
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => SettingDto)
  readonly settings!: readonly SettingDto[];
}

class AcceptDto {
  @ApiPropertyOptional({
    type: [String],
    description: 'Items whose target value is wanted, as `<component>/<path>`.',
    example: ['web/env/LOG_LEVEL'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10_000)
  @IsString({ each: true })
  readonly accept?: readonly string[];
}

export class RollbackPlanDto extends AcceptDto {
  @ApiPropertyOptional({ default: false, description: 'Remove components that were added since.' })
  @IsOptional()
  @IsBoolean()
  readonly removeAdded?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Bring back components that were removed since.' })
  @IsOptional()
  @IsBoolean()
  readonly restoreRemoved?: boolean;
}

export class MakePlanDto extends RollbackPlanDto {
  @ApiProperty({ enum: planKinds })
  @IsIn(planKinds)
  readonly kind!: (typeof planKinds)[number];

  @ApiPropertyOptional({ description: 'For install and upgrade; absent: the highest on offer.' })
  @IsOptional()
  @IsString()
  @Length(1, 64)
  readonly version?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'For rollback: the record to undo; absent: the last one that completed.',
  })
  @IsOptional()
  @IsUUID()
  readonly record?: string;

  @ApiPropertyOptional({ default: false, description: 'For remove: the data too.' })
  @IsOptional()
  @IsBoolean()
  readonly removeVolumes?: boolean;
}

export class SubmitPlanDto {
  @ApiProperty({ description: 'Digest of the plan, as it was shown.' })
  @Matches(DIGEST)
  readonly plan!: string;

  @ApiPropertyOptional({ maxLength: 500, description: 'Why, in your own words; stands in the history.' })
  @IsOptional()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}

export class InstanceListQueryDto extends ListQueryDto {
  @ApiPropertyOptional({ default: false, description: 'Removed ones too.' })
  @IsOptional()
  @IsIn(['true', 'false'])
  readonly removed?: 'true' | 'false';
}

export class StateQueryDto extends ReadQueryDto {
  @ApiProperty({ format: 'date-time', description: 'RFC 3339; the state is folded from what was recorded up to then.' })
  @IsString()
  @MaxLength(64)
  readonly at!: string;
}

class TemplateRefDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
}

class VersionRefDto {
  @ApiProperty()
  readonly version!: string;
  @ApiProperty()
  readonly manifest!: string;
}

export class InstanceSummaryDto {
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
  @ApiProperty({ format: 'date-time' })
  readonly createdAt!: string;
  @ApiProperty({ format: 'date-time' })
  readonly changedAt!: string;
  @ApiProperty({ type: 'string', nullable: true })
  readonly openRecord!: string | null;
}

export class InstancePageDto {
  @ApiProperty({ type: [InstanceSummaryDto] })
  readonly items!: readonly InstanceSummaryDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

class PublishedPortDto {
  @ApiProperty({ type: 'integer' })
  readonly containerPort!: number;
  @ApiProperty({ type: 'integer' })
  readonly hostPort!: number;
  @ApiProperty({ enum: ['tcp', 'udp'] })
  readonly protocol!: string;
}

class MadeContainerDto {
  @ApiProperty()
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
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
  @ApiProperty({ type: [PublishedPortDto] })
  readonly ports!: readonly PublishedPortDto[];
  @ApiPropertyOptional({ type: ServingDto })
  readonly serving?: ServingDto;
}

export class InstanceStateDto {
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
  readonly manifest!: string | null;
  @ApiProperty({ type: 'string', nullable: true })
  readonly desired!: string | null;
  @ApiProperty({ type: 'string', nullable: true })
  readonly openRecord!: string | null;
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
  @ApiProperty({ enum: ['healthy', 'starting', 'failing', 'missing', 'stray', 'not-run-here'] })
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
}

export class OfferedVersionDto extends VersionRefDto {}

export class UpgradesDto {
  @ApiProperty({ type: 'string', nullable: true })
  readonly current!: string | null;
  @ApiProperty({ type: [OfferedVersionDto], description: 'Higher versions, lowest first.' })
  readonly upgrades!: readonly OfferedVersionDto[];
}

const anyJson = {
  nullable: true,
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array', items: {} },
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
  ],
} satisfies ApiPropertyOptions;

class OriginDto {
  @ApiProperty({ enum: ['template', 'site', 'assigned'] })
  readonly kind!: string;
  @ApiPropertyOptional({ description: 'Of the template.' })
  readonly version?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The event by which the site set it.' })
  readonly event?: string;
  @ApiPropertyOptional({ type: 'integer' })
  readonly revision?: number;
}

class ComponentRefDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiPropertyOptional()
  readonly host?: string;
}

export class SettingViewDto {
  @ApiProperty()
  readonly item!: string;
  @ApiProperty({ type: ComponentRefDto })
  readonly component!: ComponentRefDto;
  @ApiProperty()
  readonly path!: string;
  @ApiProperty({ ...anyJson, description: 'A secret is named, never shown.' })
  readonly value!: unknown;
  @ApiProperty({ type: OriginDto })
  readonly setBy!: OriginDto;
  @ApiPropertyOptional({ ...anyJson, description: 'The value that waits for a plan.' })
  readonly pending?: unknown;
}

export class SettingsDto {
  @ApiProperty({ type: [SettingViewDto] })
  readonly items!: readonly SettingViewDto[];
}

class PlanItemDto {
  @ApiProperty()
  readonly id!: string;
  @ApiPropertyOptional({ type: ComponentRefDto })
  readonly component?: ComponentRefDto;
  @ApiProperty()
  readonly path!: string;
  @ApiProperty({ enum: ['change', 'keep', 'conflict'] })
  readonly verdict!: string;
  @ApiProperty({ enum: ['add', 'update', 'remove'] })
  readonly action!: string;
  @ApiPropertyOptional({ ...anyJson, description: 'What the site runs now.' })
  readonly before?: unknown;
  @ApiPropertyOptional({ ...anyJson, description: 'What will run after the plan.' })
  readonly after?: unknown;
  @ApiPropertyOptional({ ...anyJson, description: 'What the target says, where something else is kept.' })
  readonly target?: unknown;
  @ApiPropertyOptional({ type: OriginDto, description: 'Who set the present value.' })
  readonly setBy?: OriginDto;
  @ApiProperty()
  readonly rule!: string;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty({ description: 'May the target’s value be had with `accept`?' })
  readonly acceptable!: boolean;
}

class SpecRefDto {
  @ApiProperty()
  readonly document!: string;
  @ApiProperty()
  readonly digest!: string;
}

class PlanStepDto {
  @ApiProperty()
  readonly component!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: ['create', 'replace', 'keep', 'retire'] })
  readonly action!: string;
  @ApiProperty({ enum: ['overlap', 'stop-first'] })
  readonly strategy!: string;
  @ApiPropertyOptional({ type: SpecRefDto })
  readonly spec?: SpecRefDto;
  @ApiProperty({ type: [String] })
  readonly after!: readonly string[];
}

class PlanBasisDto {
  @ApiProperty({ type: 'string', nullable: true })
  readonly record!: string | null;
  @ApiProperty()
  readonly state!: string;
}

class PlannedPortDto extends PublishedPortDto {
  @ApiProperty()
  readonly component!: string;
}

class PlannedSecretDto {
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'integer' })
  readonly version!: number;
  @ApiProperty()
  readonly fingerprint!: string;
}

class PlannedImageDto {
  @ApiProperty()
  readonly config!: string;
  @ApiProperty({ type: [String] })
  readonly diffIds!: readonly string[];
  @ApiProperty()
  readonly os!: string;
  @ApiProperty()
  readonly architecture!: string;
}

class PlanWarningDto {
  @ApiProperty()
  readonly code!: string;
  @ApiProperty()
  readonly subject!: string;
  @ApiProperty()
  readonly message!: string;
}

class PlannedInstanceDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
}

export class PlanDto {
  @ApiProperty({ description: 'Names the plan: SHA-256 of its canonical form.' })
  readonly digest!: string;
  @ApiProperty({ type: 'integer' })
  readonly schema!: number;
  @ApiProperty({ enum: planKinds })
  readonly kind!: string;
  @ApiProperty({ type: PlannedInstanceDto })
  readonly instance!: PlannedInstanceDto;
  @ApiProperty()
  readonly engine!: string;
  @ApiProperty({ type: TemplateRefDto })
  readonly template!: TemplateRefDto;
  @ApiProperty({ type: VersionRefDto, nullable: true })
  readonly from!: VersionRefDto | null;
  @ApiProperty({ type: VersionRefDto, nullable: true })
  readonly to!: VersionRefDto | null;
  @ApiProperty({ type: PlanBasisDto, description: 'What it was made for; a change in either makes it stale.' })
  readonly basis!: PlanBasisDto;
  @ApiPropertyOptional({ format: 'uuid', description: 'The record that a rollback undoes.' })
  readonly undoes?: string;
  @ApiProperty({ type: [PlanItemDto] })
  readonly items!: readonly PlanItemDto[];
  @ApiProperty({ type: [PlanStepDto] })
  readonly steps!: readonly PlanStepDto[];
  @ApiProperty({ type: [PlannedPortDto] })
  readonly ports!: readonly PlannedPortDto[];
  @ApiProperty({ type: [PlannedSecretDto], description: 'Secrets that will be generated.' })
  readonly secrets!: readonly PlannedSecretDto[];
  @ApiProperty({ type: [PlannedImageDto] })
  readonly images!: readonly PlannedImageDto[];
  @ApiProperty({ type: 'string', nullable: true })
  readonly desired!: string | null;
  @ApiProperty()
  readonly removeVolumes!: boolean;
  @ApiProperty({ type: [PlanWarningDto] })
  readonly warnings!: readonly PlanWarningDto[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Texts of the configuration files that items refer to, by digest.',
  })
  readonly contents!: Readonly<Record<string, string>>;
}

class WhoDto {
  @ApiProperty()
  readonly account!: string;
  @ApiProperty({ enum: ['person', 'token', 'system'] })
  readonly kind!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ enum: ['api', 'cli', 'console', 'system'] })
  readonly channel!: string;
}

class RecordComponentDto {
  @ApiProperty()
  readonly component!: string;
  @ApiProperty({ enum: ['intended', 'applied', 'failed', 'removed'] })
  readonly status!: string;
  @ApiPropertyOptional()
  readonly reason?: string;
  @ApiPropertyOptional({ description: 'Last lines the component wrote, secrets masked.' })
  readonly log?: string;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
}

class ComponentTruthDto {
  @ApiProperty()
  readonly component!: string;
  @ApiProperty({ enum: ['new', 'old', 'none', 'unknown'] })
  readonly serving!: string;
}

export class RecordDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty({ format: 'uuid' })
  readonly instance!: string;
  @ApiProperty({ type: 'integer', description: '1 for the instance’s first.' })
  readonly number!: number;
  @ApiProperty({ enum: planKinds })
  readonly kind!: string;
  @ApiProperty({ enum: ['proposed', 'running', 'reverting', 'completed', 'reverted', 'failed'] })
  readonly status!: string;
  @ApiProperty()
  readonly plan!: string;
  @ApiProperty({ type: VersionRefDto, nullable: true })
  readonly from!: VersionRefDto | null;
  @ApiProperty({ type: VersionRefDto, nullable: true })
  readonly to!: VersionRefDto | null;
  @ApiPropertyOptional({ format: 'uuid' })
  readonly undoes?: string;
  @ApiPropertyOptional()
  readonly reason?: string;
  @ApiPropertyOptional({ description: 'Why it failed or was reverted.' })
  readonly failure?: string;
  @ApiProperty({ format: 'date-time' })
  readonly proposedAt!: string;
  @ApiProperty({ type: WhoDto })
  readonly proposedBy!: WhoDto;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly startedAt?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly endedAt?: string;
  @ApiProperty({ type: [RecordComponentDto] })
  readonly components!: readonly RecordComponentDto[];
  @ApiPropertyOptional({ type: [ComponentTruthDto], description: 'What serves of each component that was touched.' })
  readonly result?: readonly ComponentTruthDto[];
}

export class RecordPageDto {
  @ApiProperty({ type: [RecordDto], description: 'Oldest first.' })
  readonly items!: readonly RecordDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class SubmittedDto {
  @ApiProperty({ format: 'uuid' })
  readonly record!: string;
  @ApiProperty({ description: 'Poll it at /operations/{id}.' })
  readonly operation!: string;
}
