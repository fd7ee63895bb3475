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

export class WhoDto {
  @ApiProperty()
  readonly account!: string;
  @ApiProperty({ enum: ['person', 'token', 'system'] })
  readonly kind!: string;
  @ApiProperty()
  readonly role!: string;
  @ApiProperty({ enum: ['api', 'cli', 'console', 'system'] })
  readonly channel!: string;
}

export class OriginDto {
  @ApiProperty({ enum: ['template', 'site', 'assigned'] })
  readonly kind!: string;
  @ApiPropertyOptional({ description: 'Of the template.' })
  readonly version?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'The event by which the site set it.' })
  readonly event?: string;
  @ApiPropertyOptional({ type: 'integer', description: 'Place of that event in the instance’s stream.' })
  readonly revision?: number;
  @ApiPropertyOptional({ description: 'Of the template: the site had another value, and a person took this one.' })
  readonly accepted?: boolean;
  @ApiPropertyOptional({ type: WhoDto, description: 'Who of the site set it.' })
  readonly by?: WhoDto;
  @ApiPropertyOptional({ format: 'date-time' })
  readonly at?: string;
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
