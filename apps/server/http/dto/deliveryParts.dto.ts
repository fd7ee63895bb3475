import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';

export class TemplateRefDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
}

export class VersionRefDto {
  @ApiProperty()
  readonly version!: string;
  @ApiProperty()
  readonly manifest!: string;
}

export class PublishedPortDto {
  @ApiProperty({ type: 'integer' })
  readonly containerPort!: number;
  @ApiProperty({ type: 'integer' })
  readonly hostPort!: number;
  @ApiProperty({ enum: ['tcp', 'udp'] })
  readonly protocol!: string;
  @ApiPropertyOptional({
    type: 'integer',
    description: 'Which replica answers there, from 1, where there are several: each has a port of its own.',
  })
  readonly replica?: number;
}

export class MadeContainerDto {
  @ApiProperty()
  readonly id!: string;
  @ApiProperty()
  readonly name!: string;
}

export class ComponentRefDto {
  @ApiProperty()
  readonly key!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiPropertyOptional()
  readonly host?: string;
}

export class OriginDto {
  @ApiProperty({ enum: ['template', 'site', 'assigned'] })
  readonly kind!: string;
  @ApiPropertyOptional({ description: 'Of the template.' })
  readonly version?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The event by which the site set it.' })
  readonly event?: string;
  @ApiPropertyOptional({ type: 'integer' })
  readonly revision?: number;
}

export const anyJson = {
  nullable: true,
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array', items: {} },
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
  ],
} satisfies ApiPropertyOptions;

export const planKinds = ['install', 'upgrade', 'rollback', 'reconfigure', 'remove'] as const;
