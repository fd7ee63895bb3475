import { isWaybillError, printable } from '@waybill/kernel';
import { isServerProblem } from '../client/serverProblem.js';
import { isEnding } from '../ending.js';

/** What went wrong, for a person: one sentence, then the points. */
export function failureText(error: unknown): string {
  if (isEnding(error)) return `${error.message}\n`;
  if (isServerProblem(error)) {
    const { code, correlationId, errors = [] } = error.problem;
    const told = lines(error.message, errors);
    return code === 'internal' && correlationId !== undefined && !error.message.includes(correlationId)
      ? `${told}  correlation id: ${printable(correlationId)}\n`
      : told;
  }
  if (isWaybillError(error)) return lines(error.message, error.points);
  return `waybill: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** The same for programs: one line of JSON in the form of a problem. */
export function failureJson(error: unknown): string {
  return `${JSON.stringify(problemOf(error))}\n`;
}

function problemOf(error: unknown): object {
  if (isServerProblem(error)) return error.problem;
  if (isWaybillError(error)) return { code: error.code, detail: error.message, details: error.details };
  return {
    code: isEnding(error) ? 'ended' : 'internal',
    detail: error instanceof Error ? error.message : String(error),
  };
}

/** A point that the sentence tells already is not told twice. */
const lines = (message: string, points: readonly { readonly pointer: string; readonly message: string }[]) =>
  [
    `waybill: ${printable(message)}`,
    ...points
      .filter(({ message: what }) => !message.includes(what))
      .map(({ pointer, message: what }) => `  ${printable(pointer)}: ${printable(what)}`),
    '',
  ].join('\n');
