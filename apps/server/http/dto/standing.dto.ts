import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { ActorDto } from './actor.dto.js';

export class WithdrawVersionDto {
  @ApiProperty({
    maxLength: 1000,
    description: 'Stands in the log for ever, and in every package of the template that is written from now on.',
  })
  @IsString()
  @Length(1, 1000)
  readonly reason!: string;
}

export class StandingDto {
  @ApiProperty()
  readonly template!: string;
  @ApiProperty()
  readonly version!: string;
  @ApiProperty()
  readonly manifestDigest!: string;
  @ApiProperty({ description: 'Is it marked as the one its publisher stands for?' })
  readonly released!: boolean;
  @ApiPropertyOptional({ description: 'Why it is on offer no more; absent: it is on offer.' })
  readonly withdrawn?: string;
  @ApiProperty({ description: 'False: it was so already.' })
  readonly changed!: boolean;
}

/** Beside whatever names a version. */
export class WithdrawnDto {
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty({ format: 'date-time', description: 'As its publisher says it, where a package brought it.' })
  readonly at!: string;
  @ApiProperty({ enum: ['here', 'publisher'], description: '`publisher`: in a later package of it.' })
  readonly by!: string;
  @ApiPropertyOptional({ type: ActorDto, description: 'Who did it, where it was done here.' })
  readonly account?: ActorDto;
}
