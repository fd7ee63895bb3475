import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { VersionRefDto, WhoDto, planKinds } from './deliveryParts.dto.js';

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
