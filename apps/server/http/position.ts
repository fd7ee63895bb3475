import { WaybillError } from '@waybill/kernel';

/** A place in one event store's log, opaque to callers: reads given it wait until they know what was written there. */
export const positionToken = (store: string, position: bigint): string =>
  Buffer.from(JSON.stringify([store, String(position)])).toString('base64url');

/** @throws WaybillError `position-unknown` for a token of another store, or none at all */
export function positionOf(store: string, token: string): bigint {
  try {
    const read = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as unknown;
    if (Array.isArray(read) && read.length === 2 && read[0] === store && /^\d{1,20}$/.test(String(read[1])))
      return BigInt(String(read[1]));
  } catch (error) {
    throw new WaybillError('position-unknown', {}, { cause: error });
  }
  throw new WaybillError('position-unknown');
}

export function isOfStore(store: string, token: string): boolean {
  try {
    positionOf(store, token);
    return true;
  } catch {
    return false;
  }
}
