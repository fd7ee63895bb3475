import { WaybillError } from '@waybill/kernel';

/** SQLite's primary result codes; the low byte of an extended one. */
const BUSY = 5;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** The failures of a file that a caller can act on, in the catalogue's words; any other error stays as it is. */
export function sqlError(error: unknown, file: string): unknown {
  if (!(error instanceof Error)) return error;
  const reason = error.message;
  switch (primaryCode(error)) {
    case BUSY:
      return new WaybillError('store-locked', { file }, { cause: error });
    case FULL:
      return new WaybillError('disk-full', { where: file }, { cause: error });
    case CORRUPT:
    case NOT_A_DATABASE:
      return new WaybillError('store-damaged', { file, reason }, { cause: error });
    case IO_ERROR:
    case CANNOT_OPEN:
      return new WaybillError('store-unavailable', { reason: `${file}: ${reason}` }, { cause: error });
    default:
      return error;
  }
}

function primaryCode(error: Error): number | undefined {
  const { rawCode } = error as { readonly rawCode?: unknown };
  if (typeof rawCode === 'number') return rawCode & 0xff;
  // Opening fails with the code in the text alone.
  const opening = /^ConnectionFailed\(.*: (\d+)"\)$/s.exec(error.message)?.[1];
  return opening === undefined ? undefined : Number(opening) & 0xff;
}
