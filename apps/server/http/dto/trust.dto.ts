import { ApiProperty } from '@nestjs/swagger';
import type { KeyFingerprint } from '@waybill/packaging';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { AcceptedImportDto } from './accepted.dto.js';

export const DIGEST = /^sha256:[0-9a-f]{64}$/;
const KEY = /^SHA256:[A-Za-z0-9+/]{43}$/;

class SignatureDto {
  @ApiProperty()
  @IsString()
  @MaxLength(200)
  readonly keyid!: string;
  @ApiProperty({ description: 'Base64.' })
  @IsString()
  @MaxLength(200)
  readonly sig!: string;
}

/** A DSSE envelope with a publisher's root in it. */
export class EnvelopeDto {
  @ApiProperty({ example: 'application/vnd.waybill.publisher-root+json' })
  @IsString()
  @MaxLength(200)
  readonly payloadType!: string;
  @ApiProperty({ description: 'Base64.' })
  @IsString()
  @MaxLength(500_000)
  readonly payload!: string;
  @ApiProperty({ type: [SignatureDto] })
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => SignatureDto)
  readonly signatures!: readonly SignatureDto[];
}

export class AddPublisherDto {
  @ApiProperty({ type: [EnvelopeDto], description: 'The publisher’s roots, the first one first.' })
  @ArrayNotEmpty()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => EnvelopeDto)
  readonly roots!: readonly EnvelopeDto[];

  @ApiProperty({ pattern: DIGEST.source, description: 'Digest of the first root, as two people compared it.' })
  @Matches(DIGEST, { message: 'a digest such as sha256:0123… is expected' })
  readonly fingerprint!: string;
}

export class RevokeKeyDto {
  @ApiProperty({ pattern: KEY.source, description: 'As ssh-keygen -l prints it.' })
  @Matches(KEY, { message: 'a fingerprint such as SHA256:AbC… is expected' })
  readonly key!: KeyFingerprint;

  @ApiProperty({ description: 'Stands in the log for ever.', maxLength: 1000 })
  @IsString()
  @Length(1, 1000)
  readonly reason!: string;
}

class RevokedKeyDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly reason!: string;
}

export class TrustedPublisherDto {
  @ApiProperty({ description: 'Digest of its first root.' })
  readonly publisher!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Number of its newest root.' })
  readonly root!: number;
  @ApiProperty({ type: [String], description: 'Fingerprints of the keys whose signatures count.' })
  readonly keys!: readonly string[];
  @ApiProperty({ type: [RevokedKeyDto], description: 'Revoked by itself.' })
  readonly revoked!: readonly RevokedKeyDto[];
}

export class AddedPublisherDto {
  @ApiProperty({ type: TrustedPublisherDto })
  readonly publisher!: TrustedPublisherDto;
  @ApiProperty({ description: 'False: this was known already.' })
  readonly changed!: boolean;
}

export class TrustDto {
  @ApiProperty({ type: [TrustedPublisherDto], description: 'Sorted by publisher.' })
  readonly publishers!: readonly TrustedPublisherDto[];
  @ApiProperty({ type: [RevokedKeyDto], description: 'Revoked by this site.' })
  readonly revoked!: readonly RevokedKeyDto[];
  @ApiProperty({ type: [AcceptedImportDto], description: 'Packages that were taken without trust, the latest first.' })
  readonly accepted!: readonly AcceptedImportDto[];
}
