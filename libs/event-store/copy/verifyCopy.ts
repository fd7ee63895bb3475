import { WaybillError, type Digest } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import type { EventStore } from '../eventStore.js';
import { copiedEventDigest, logDigest, logEvents } from './copiedEvent.js';

/** What two logs have in common. */
export interface VerifiedCopy {
  readonly events: number;
  /** SHA-256 over the digests of all events in log order: stream, revision, id, type, data and metadata of each. */
  readonly digest: Digest;
}

export interface VerifyOptions {
  readonly from: Pick<EventStore, 'readAll'>;
  readonly to: Pick<EventStore, 'readAll'>;
  /** Position in `from` up to which is compared; absent: all of it. What was written after it must not be in `to`. */
  readonly upTo?: bigint;
  readonly onEvent?: (position: bigint) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads both logs whole and compares them event by event, in order. Positions and the stores' own streams are left out of it.
 * @throws WaybillError `copy-target-differs` at the first event that is not the same in both, or is missing from one; `store-unavailable`
 */
export async function verifyCopy({ from, to, upTo, onEvent, signal }: VerifyOptions): Promise<VerifiedCopy> {
  const target = logEvents(to);
  const digest = logDigest();
  let events = 0;
  try {
    for await (const event of logEvents(from, upTo)) {
      signal?.throwIfAborted();
      const copy = await target.next();
      digest.add(mustBeAlike(event, copy.done === true ? undefined : copy.value, events));
      events += 1;
      onEvent?.(event.position);
    }
    const more = await target.next();
    if (more.done !== true) throw differs(more.value, events, 'the source has no event there');
  } finally {
    await target.return(undefined);
  }
  return { events, digest: digest.end() };
}

/** The digest of both. @throws WaybillError `copy-target-differs` */
export function mustBeAlike(event: StoredEvent, copy: StoredEvent | undefined, index: number): Digest {
  if (copy === undefined) throw differs(event, index, 'it is missing from the target');
  const expected = copiedEventDigest(event);
  if (copiedEventDigest(copy) === expected) return expected;
  const alike = event.stream === copy.stream && event.revision === copy.revision && event.id === copy.id;
  throw differs(
    event,
    index,
    alike ? 'its content is another one' : `the target has event ${copy.revision} of ${copy.stream} there`,
  );
}

export const differs = ({ stream, revision }: StoredEvent, index: number, reason: string): WaybillError =>
  new WaybillError('copy-target-differs', { index, stream, revision: String(revision), reason });
