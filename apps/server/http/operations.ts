import type { OperationDto } from './dto/operation.dto.js';

/** A kind of long work that callers may poll or stream. */
export interface OperationSource {
  /** Ids of its operations are `<kind>-<id>`. */
  readonly kind: string;
  /** Throws the kind's own "not found". */
  view(id: string): Promise<OperationDto>;
  /** Calls back whenever there may be news; the returned function ends it. */
  watch(operation: string, listener: () => void): () => void;
}

/** Under this Nest finds the list of all sources. */
export const OPERATION_SOURCES = Symbol('operation sources');

export const hasEnded = ({ state }: Pick<OperationDto, 'state'>): boolean =>
  state === 'succeeded' || state === 'failed';
