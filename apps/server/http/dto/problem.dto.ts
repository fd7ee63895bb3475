import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export class ProblemPointDto {
  @ApiProperty({ description: 'JSON pointer into the body, or header:<name>.' })
  readonly pointer!: string;
  @ApiProperty()
  readonly message!: string;
}

/** The shape of every error; RFC 9457. */
export class ProblemDto {
  @ApiProperty({ example: 'urn:waybill:problem:template-not-found' })
  readonly type!: string;
  @ApiProperty({ description: 'The same for every occurrence of the code.' })
  readonly title!: string;
  @ApiProperty({ type: 'integer' })
  readonly status!: number;
  @ApiProperty({ description: 'What happened this time, and what to do.' })
  readonly detail!: string;
  @ApiProperty({ description: 'Path of the request.' })
  readonly instance!: string;
  @ApiProperty({ description: 'Stable: never renamed, never given another meaning.', example: 'template-not-found' })
  readonly code!: string;
  @ApiProperty({ description: 'Also in the header X-Correlation-Id and in the server’s log.' })
  readonly correlationId!: string;
  @ApiPropertyOptional({ type: [ProblemPointDto] })
  readonly errors?: readonly ProblemPointDto[];
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, description: 'Particulars of the code.' })
  readonly details?: Readonly<Record<string, unknown>>;
}
