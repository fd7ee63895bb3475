import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { roles, type Holder, type Role } from '@waybill/access';
import { ArrayMaxSize, ArrayNotEmpty, IsIn, IsRFC3339, IsString, Length } from 'class-validator';
import { Optional } from './optional.js';

export class IssueTokenDto {
  @ApiProperty({ description: 'Name of the account; made when it is new.', example: 'maria' })
  @IsString()
  @Length(1, 63)
  readonly account!: string;

  @ApiProperty({
    enum: roles,
    isArray: true,
    description: 'What the token may be used for; the account is granted what it lacks.',
  })
  @ArrayNotEmpty()
  @ArrayMaxSize(roles.length)
  @IsIn(roles, { each: true })
  readonly roles!: readonly Role[];

  @ApiPropertyOptional({ enum: ['person', 'token'], default: 'person', description: '`token`: a program holds it.' })
  @Optional()
  @IsIn(['person', 'token'])
  readonly holder?: Holder;

  @ApiPropertyOptional({ description: 'What it is for; stands in the log for ever.', maxLength: 200 })
  @Optional()
  @IsString()
  @Length(1, 200)
  readonly label?: string;

  @ApiPropertyOptional({ format: 'date-time', description: 'Absent: valid until it is revoked.' })
  @Optional()
  @IsRFC3339()
  readonly expiresAt?: string;
}

export class IssuedTokenDto {
  @ApiProperty()
  readonly account!: string;
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiPropertyOptional({
    description:
      'Shown this once, never again: absent when the request was repeated. Revoke it and issue another one if it was lost.',
  })
  readonly token?: string;
  @ApiProperty({ enum: roles, isArray: true })
  readonly roles!: readonly Role[];
  @ApiPropertyOptional({ format: 'date-time' })
  readonly expiresAt?: string;
}

export class TokenDto {
  @ApiProperty({ format: 'uuid' })
  readonly id!: string;
  @ApiProperty()
  readonly account!: string;
  @ApiProperty({ enum: ['person', 'token'] })
  readonly holder!: Holder;
  @ApiProperty({ enum: roles, isArray: true })
  readonly roles!: readonly Role[];
  @ApiPropertyOptional()
  readonly label?: string;
  @ApiProperty({ format: 'date-time' })
  readonly issuedAt!: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly expiresAt?: string;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly revokedAt?: string;
}

export class TokenPageDto {
  @ApiProperty({ type: [TokenDto] })
  readonly items!: readonly TokenDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class AccountDto {
  @ApiProperty()
  readonly account!: string;
  @ApiProperty({ enum: roles, isArray: true })
  readonly roles!: readonly Role[];
  @ApiProperty({ type: 'integer', description: 'Tokens ever issued.' })
  readonly tokens!: number;
}

export class AccountPageDto {
  @ApiProperty({ type: [AccountDto] })
  readonly items!: readonly AccountDto[];
  @ApiPropertyOptional({ description: 'Cursor of the next page; absent on the last.' })
  readonly next?: string;
}

export class WhoAmIDto {
  @ApiProperty()
  readonly account!: string;
  @ApiProperty({ format: 'uuid' })
  readonly token!: string;
  @ApiProperty({ enum: roles, isArray: true, description: 'What the token allows now.' })
  readonly roles!: readonly Role[];
}
