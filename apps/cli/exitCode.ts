import { catalogue, isWaybillError, type ErrorCode } from '@waybill/kernel';
import { isServerProblem } from './client/serverProblem.js';
import { isEnding } from './ending.js';

/** The exit code of what went wrong: by its code in the catalogue; a newer server's code, which is not in ours, by its HTTP status. */
export function exitCodeOf(error: unknown): number {
  if (isEnding(error)) return error.exit;
  if (isWaybillError(error)) return exitOf(error.code);
  if (isServerProblem(error)) return exitOf(error.problem.code, error.problem.status);
  return 1;
}

/** The exit code of a code of the catalogue. */
export const exitOf = (code: string, status = 500): number =>
  Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode].exit : byStatus(status);

function byStatus(status: number): number {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 428:
      return 2;
    case 401:
    case 403:
      return 6;
    case 404:
    case 410:
      return 4;
    case 409:
    case 412:
      return 5;
    case 422:
      return 3;
    case 502:
    case 503:
    case 504:
    case 507:
      return 7;
    default:
      return 1;
  }
}
