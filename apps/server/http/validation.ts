import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { WaybillError, type ErrorPoint } from '@waybill/kernel';

/** Checks DTOs: every wrong point at once, each with its JSON pointer; members nobody knows are refused. */
export const validation = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      const points = errors.flatMap((error) => pointsOf(error, ''));
      const reason = points.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
      return new WaybillError('invalid-request', { reason: `${reason}.` }, { points });
    },
  });

function pointsOf(error: ValidationError, parent: string): readonly ErrorPoint[] {
  const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.values(error.constraints ?? {}).map((message) => ({ pointer, message }));
  return [...own, ...(error.children ?? []).flatMap((child) => pointsOf(child, pointer))];
}
