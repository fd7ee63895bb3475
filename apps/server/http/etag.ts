import { WaybillError } from '@waybill/kernel';

/** The ETag of what a stream describes is the stream's revision. */
export const etag = (revision: bigint): string => `"${revision}"`;

/** The revision an If-Match header asks for; nothing when it is absent or `*`. @throws WaybillError `invalid-request` */
export function ifMatch(header: string | undefined): bigint | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const revision = /^(?:W\/)?"(\d{1,19})"$/.exec(header.trim())?.[1];
  if (revision === undefined)
    throw new WaybillError(
      'invalid-request',
      { reason: 'If-Match takes one ETag as it was given out, such as "4".' },
      { points: [{ pointer: 'header:If-Match', message: 'not an ETag that was given out' }] },
    );
  return BigInt(revision);
}
