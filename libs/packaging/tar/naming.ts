import { hasCode, WaybillError } from '@waybill/kernel';

/** Says in the errors of a gzip stream which file it is and, where known, what was being read. */
export async function* naming(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  where: () => string | undefined = () => undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    if (!hasCode(error, 'package-truncated') && !hasCode(error, 'package-damaged')) throw error;
    const place = where();
    const details = { ...error.details, file, ...(place === undefined ? {} : { where: place }) };
    throw new WaybillError(error.code, details, { cause: error });
  }
}
