import { catalogue, type ErrorCode, type ProgressNews } from '@waybill/kernel';
import type { OperationDto } from './dto/operation.dto.js';

/** A kind of long work that callers may poll or stream. */
export interface OperationSource {
  /** Ids of its operations are `<kind>-<id>`. */
  readonly kind: string;
  /** @param account who asks. Throws the kind's own "not found". */
  view(id: string, account: string): Promise<OperationDto>;
  /** Calls back whenever there may be news; the returned function ends it. */
  watch(id: string, listener: (news: ProgressNews) => void, account: string): () => void;
}

/** Under this Nest finds the list of all sources. */
export const OPERATION_SOURCES = Symbol('operation sources');

export const hasEnded = ({ state }: Pick<OperationDto, 'state'>): boolean =>
  state === 'succeeded' || state === 'failed';

/** A failure in the form of a problem; what has no code of the catalogue (any more) is just what it says. */
export function failureProblem(failure: { readonly code: string; readonly message: string }): object {
  const { code, message } = failure;
  const known = Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode] : undefined;
  return {
    type: `urn:waybill:problem:${code}`,
    ...(known === undefined ? {} : { title: known.title, status: known.status }),
    detail: message,
    ...failure,
  };
}
