import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class ActorDto {
  @ApiProperty({ description: 'The account.' })
  readonly id!: string;
  @ApiProperty({ enum: ['person', 'token', 'system'] })
  readonly kind!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiPropertyOptional()
  readonly name?: string;
}
