import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ActorDto } from './actor.dto.js';
import { ApiObject } from './apiObject.js';

/** A package that was taken though nobody who is trusted here signed it. */
export class AcceptedPackageDto {
  @ApiProperty({
    enum: ['unsigned', 'publisher'],
    description: 'Nobody signed it, or a publisher who was not trusted.',
  })
  readonly kind!: string;
  @ApiPropertyOptional({ description: 'Why, where nobody signed it.' })
  readonly reason?: string;
  @ApiPropertyOptional({ description: 'Digest of the publisher’s first root.' })
  readonly publisher?: string;
  @ApiPropertyOptional({ description: 'What that publisher called itself.' })
  readonly name?: string;
  @ApiProperty({ format: 'date-time' })
  readonly at!: string;
  @ApiProperty({ type: ActorDto, description: 'Who accepted it.' })
  readonly by!: ActorDto;
}

export class AcceptedImportDto extends AcceptedPackageDto {
  @ApiProperty({ format: 'uuid' })
  readonly import!: string;
  @ApiObject('Name and digest of the package.')
  readonly file!: object;
  @ApiPropertyOptional({ description: 'Key of the template.' })
  readonly template?: string;
  @ApiPropertyOptional({ description: 'As it was taken into the catalog or, before that, as the package says it.' })
  readonly version?: string;
}
