import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsString, IsUUID, Length, Matches } from 'class-validator';
import { Optional } from './optional.js';
import {
  ComponentRefDto,
  OriginDto,
  PublishedPortDto,
  TemplateRefDto,
  VersionRefDto,
  anyJson,
  planKinds,
} from './deliveryParts.dto.js';

const DIGEST = /^sha256:[0-9a-f]{64}$/;

class AcceptDto {
  @ApiPropertyOptional({
    type: [String],
    description: 'Items whose target value is wanted, as `<component>/<path>`.',
    example: ['web/env/LOG_LEVEL'],
  })
  @Optional()
  @IsArray()
  @ArrayMaxSize(10_000)
  @IsString({ each: true })
  readonly accept?: readonly string[];
}

export class RollbackPlanDto extends AcceptDto {
  @ApiPropertyOptional({ default: false, description: 'Remove components that were added since.' })
  @Optional()
  @IsBoolean()
  readonly removeAdded?: boolean;

  @ApiPropertyOptional({ default: false, description: 'Bring back components that were removed since.' })
  @Optional()
  @IsBoolean()
  readonly restoreRemoved?: boolean;
}

export class MakePlanDto extends RollbackPlanDto {
  @ApiProperty({ enum: planKinds })
  @IsIn(planKinds)
  readonly kind!: (typeof planKinds)[number];

  @ApiPropertyOptional({ description: 'For install and upgrade; absent: the highest on offer.' })
  @Optional()
  @IsString()
  @Length(1, 64)
  readonly version?: string;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'For rollback: the record to undo; absent: the last one that completed.',
  })
  @Optional()
  @IsUUID()
  readonly record?: string;

  @ApiPropertyOptional({ default: false, description: 'For remove: the data too.' })
  @Optional()
  @IsBoolean()
  readonly removeVolumes?: boolean;
}

export class SubmitPlanDto {
  @ApiProperty({ description: 'Digest of the plan, as it was shown.' })
  @Matches(DIGEST)
  readonly plan!: string;

  @ApiPropertyOptional({ maxLength: 500, description: 'Why, in your own words; stands in the history.' })
  @Optional()
  @IsString()
  @Length(1, 500)
  readonly reason?: string;
}

export class SubmittedDto {
  @ApiProperty({ format: 'uuid' })
  readonly record!: string;
  @ApiProperty({ description: 'Poll it at /operations/{id}.' })
  readonly operation!: string;
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
  @ApiPropertyOptional({
    description: 'The server’s MAC over all the rest: only what a server computed is carried out.',
  })
  readonly seal?: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Texts of the configuration files that items refer to, by digest.',
  })
  readonly contents!: Readonly<Record<string, string>>;
}
