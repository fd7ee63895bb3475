import { WaybillError } from '@waybill/kernel';
import type { StoredEvent } from '../event.js';
import { MAX_APPEND_BYTES } from '../eventStore.js';
import { sizeOf } from './copiedEvent.js';

/** Events that follow each other in the log and in one stream: what one append may take. */
export interface CopyAppend {
  readonly stream: string;
  readonly expected: 'no_stream' | bigint;
  readonly events: readonly StoredEvent[];
  readonly size: number;
}

const MOST_EVENTS = 500;

/**
 * Cuts the log into appends without changing its order.
 * @throws WaybillError `copy-source-incomplete` when a stream does not begin at 0 or misses an event: revisions could not be kept
 */
export async function* copyAppends(events: AsyncIterable<StoredEvent>, ends: StreamEnds): AsyncGenerator<CopyAppend> {
  let gathered: StoredEvent[] = [];
  let size = 0;
  const append = (): CopyAppend[] => {
    const [first] = gathered;
    if (first === undefined) return [];
    const { stream, revision } = first;
    const taken = {
      stream,
      expected: revision === 0n ? ('no_stream' as const) : revision - 1n,
      events: gathered,
      size,
    };
    gathered = [];
    size = 0;
    return [taken];
  };
  for await (const event of events) {
    ends.add(event);
    const bytes = sizeOf(event);
    const full = size + bytes > MAX_APPEND_BYTES || gathered.length >= MOST_EVENTS;
    if (full || gathered[0]?.stream !== event.stream) yield* append();
    gathered.push(event);
    size += bytes;
  }
  yield* append();
}

/** Where each stream ends, as far as the log was read. */
export interface StreamEnds {
  /** @throws WaybillError `copy-source-incomplete` */
  add(event: StoredEvent): void;
}

export function streamEnds(): StreamEnds {
  const next = new Map<string, bigint>();
  return {
    add({ stream, revision }) {
      const expected = next.get(stream) ?? 0n;
      if (revision !== expected)
        throw new WaybillError('copy-source-incomplete', {
          stream,
          expected: String(expected),
          found: String(revision),
        });
      next.set(stream, revision + 1n);
    },
  };
}
