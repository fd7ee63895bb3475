import { ValidateIf } from 'class-validator';

/** A member that may be left out. `null` is a value like any other, and is judged by the other rules. */
export const Optional = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);
