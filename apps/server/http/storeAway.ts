import type { Absence, StoreContact } from '@waybill/event-store';
import { WaybillError } from '@waybill/kernel';
import type { Middleware } from './correlation.js';
import { sendProblem } from './problem.filter.js';
import { pathOf } from './requestInfo.js';

const READS = ['GET', 'HEAD', 'OPTIONS'];
/** An upload that is under way goes on: its bytes are nobody's event yet. */
const isUploadedPiece = (method: string | undefined, path: string) =>
  method === 'PATCH' && path.startsWith('/api/v1/uploads/');

/**
 * While the event store is away, writes wait for a while, then they are refused before anything is begun; everything else says how old it
 * may be: `Waybill-Stale` holds the seconds since the store answered last.
 */
export function storeAway(contact: StoreContact): Middleware {
  return (request, response, next) => {
    const { method } = request;
    const isWrite = !READS.includes(method ?? '') && !isUploadedPiece(method, pathOf(request));
    const told = (absence: Absence | undefined) => {
      // Given up while it waited.
      if (response.headersSent) return;
      if (absence !== undefined) response.setHeader('Waybill-Stale', String(absence.seconds));
      if (absence !== undefined && isWrite) sendProblem(awaySince(absence.since), request, response);
      else next();
    };
    if (isWrite) void contact.lastingAbsence().then(told);
    else told(contact.absence());
  };
}

export const awaySince = (since: string): WaybillError =>
  new WaybillError('store-unavailable', {
    reason: `it has not answered since ${since}; what was known then can be read, nothing can be changed.`,
  });
