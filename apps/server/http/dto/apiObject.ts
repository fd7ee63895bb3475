import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** A member whose inside is described in words: its shape is the domain's, and grows with it. */
export const ApiObject = (description: string, required = true): PropertyDecorator =>
  (required ? ApiProperty : ApiPropertyOptional)({ type: 'object', additionalProperties: true, description });
