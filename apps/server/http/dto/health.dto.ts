import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class LiveDto {
  @ApiProperty({ enum: ['live'] })
  readonly status!: 'live';
}

export class CheckDto {
  @ApiProperty({ enum: ['event-store', 'read-models', 'engine'] })
  readonly name!: 'event-store' | 'read-models' | 'engine';
  @ApiProperty()
  readonly ok!: boolean;
  @ApiPropertyOptional({ description: 'Why it is not.' })
  readonly reason?: string;
}

export class ReadyDto {
  @ApiProperty({ enum: ['ready', 'degraded', 'unready'] })
  readonly status!: 'ready' | 'degraded' | 'unready';
  @ApiProperty({ type: [CheckDto] })
  readonly checks!: readonly CheckDto[];
}
