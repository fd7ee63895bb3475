import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { WaybillError, type ErrorPoint } from '@waybill/kernel';

/** Checks DTOs: every wrong point at once, each with its JSON pointer; members nobody knows are refused. */
export const validation = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: (errors) => {
      const points = errors.flatMap((error) => pointsOf(error, ''));
      const reason = points.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
      return new WaybillError('invalid-request', { reason: `${reason}.` }, { points });
    },
  });

function pointsOf(error: ValidationError, parent: string): readonly ErrorPoint[] {
  const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = error.constraints === undefined ? [] : [{ pointer, message: wrongWith(error, error.constraints) }];
  return [...own, ...(error.children ?? []).flatMap((child) => pointsOf(child, pointer))];
}

/** Rules that say what kind of value it is: where one is broken, the others say nothing. */
const KINDS = ['whitelistValidation', 'isString', 'isInt', 'isBoolean', 'isArray', 'isObject'] as const;

/** One thing that is wrong; the pointer has the name already. */
function wrongWith({ property, value }: ValidationError, constraints: Readonly<Record<string, string>>): string {
  if (value === undefined) return 'is missing';
  // A query parameter that is given twice.
  if (Array.isArray(value) && 'isInt' in constraints) return 'must be one integer number';
  const rule = KINDS.find((kind) => kind in constraints) ?? Object.keys(constraints)[0] ?? '';
  const message = constraints[rule] ?? 'is wrong';
  return message.startsWith(`${property} `) ? message.slice(property.length + 1) : message;
}
