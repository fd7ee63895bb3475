import { ApiProperty } from '@nestjs/swagger';
import { EnvelopeDto, TrustedPublisherDto } from './trust.dto.js';

export class PublisherDto extends TrustedPublisherDto {
  @ApiProperty({ description: 'Fingerprint of the key that signs here.' })
  readonly key!: string;
  @ApiProperty({ type: [EnvelopeDto], description: 'Its roots, the first one first: what a site needs to trust it.' })
  readonly roots!: readonly EnvelopeDto[];
}

export class AdvancedPublisherDto {
  @ApiProperty({ type: PublisherDto, description: 'Of a dry run: as it is before.' })
  readonly publisher!: PublisherDto;
  @ApiProperty({ description: 'False: it was so already.' })
  readonly changed!: boolean;
}
