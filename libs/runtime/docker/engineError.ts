import { hasCode, isWaybillError, WaybillError } from '@waybill/kernel';

const NO_WAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EACCES',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPROTO',
]);

/** Says in the catalogue's words why a call to the engine failed. */
export function engineError(error: unknown, action: string, address: string): WaybillError {
  if (isWaybillError(error)) return error;
  const { code, statusCode, json, message } = error as {
    code?: unknown;
    statusCode?: unknown;
    json?: unknown;
    message?: unknown;
  };
  if (typeof statusCode === 'number') {
    const reason = said(json) ?? (typeof message === 'string' ? message : String(statusCode));
    return new WaybillError('engine-refused', { action, reason, status: statusCode }, { cause: error });
  }
  const reason = typeof message === 'string' && message !== '' ? message : String(code ?? error);
  if (typeof code === 'string' && (NO_WAY.has(code) || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL'))) {
    return new WaybillError('engine-unreachable', { address, reason }, { cause: error });
  }
  return new WaybillError('engine-refused', { action, reason }, { cause: error });
}

function said(json: unknown): string | undefined {
  if (typeof json !== 'object' || json === null || !('message' in json)) return undefined;
  return typeof json.message === 'string' ? json.message : undefined;
}

/** Did the engine answer with this HTTP status? */
export const refusedWith = (error: unknown, status: number): boolean =>
  hasCode(error, 'engine-refused') && error.details['status'] === status;

/** Did the engine refuse with words like these? Docker has no codes for what lies behind a status. */
export const refusedSaying = (error: unknown, words: RegExp): boolean =>
  hasCode(error, 'engine-refused') && words.test(String(error.details['reason']));
