import { Readable } from 'node:stream';
import { isWaybillError, WaybillError } from '@waybill/kernel';
import { networkReason, unreachable, type Contact } from './send.js';

/** All of a small answer. @throws WaybillError `package-limit-exceeded`, `registry-unreachable` */
export async function wholeBody(
  contact: Pick<Contact, 'registry'>,
  response: Response,
  limit: number,
  entry: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of bodyOf(response)) {
      size += chunk.length;
      if (size > limit)
        throw new WaybillError('package-limit-exceeded', {
          what: 'The size of an answer of a registry in bytes',
          limit,
          entry,
        });
      chunks.push(chunk);
    }
  } catch (cause) {
    if (isWaybillError(cause)) throw cause;
    throw unreachable(contact, networkReason(cause), cause);
  }
  return Buffer.concat(chunks);
}

export const bodyOf = (response: Response): AsyncIterable<Uint8Array> =>
  (response.body ?? Readable.from([])) as AsyncIterable<Uint8Array>;
