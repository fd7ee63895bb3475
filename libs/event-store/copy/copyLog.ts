import type { StoredEvent } from '../event.js';
import type { EventStore } from '../eventStore.js';
import { logEvents } from './copiedEvent.js';
import { copyAppends, streamEnds, type CopyAppend, type StreamEnds } from './copyAppends.js';
import { differs, mustBeAlike, verifyCopy, type VerifiedCopy } from './verifyCopy.js';

export interface CopyOptions {
  readonly from: Pick<EventStore, 'readAll' | 'head'>;
  /** Empty, or holding the beginning of `from`, as a copy that was stopped leaves it. Nothing else may write to it meanwhile. */
  readonly to: Pick<EventStore, 'readAll' | 'append' | 'keepsOrder'>;
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Stops between two appends; the next copy goes on there. */
  readonly signal?: AbortSignal;
}

/** `comparing`: what the target has already; `verifying`: reading both logs at the end. */
export interface CopyProgress {
  readonly step: 'comparing' | 'copying' | 'verifying';
  /** Events of this step so far. */
  readonly events: number;
  /** From 0 to 1, by how far in the source's log it is. */
  readonly share: number;
}

export interface CopiedLog extends VerifiedCopy {
  /** Events that the target had before. */
  readonly found: number;
  /** Events that this call wrote. */
  readonly written: number;
  /** Was something appended to the source while it was copied? Then a second copy brings the rest. */
  readonly sourceGrew: boolean;
}

/** Appends that may be under way together, where the target keeps their order. */
const MOST_APPENDS = 256;
const MOST_BYTES = 4 * 1_048_576;

/**
 * Copies a whole log into another store: ids, order, types, data and metadata of all events, documents and claims included; only the stores'
 * own streams stay behind. What the target has is compared first, then the rest is appended at exact revisions, so that it may be stopped or killed at any
 * point and repeated. At the end both logs are read and compared, event by event.
 * @throws WaybillError `copy-target-differs` when the target is no beginning of the source, `copy-source-incomplete` when the source's
 * revisions have gaps, `wrong-expected-revision` when another one writes to the target, and what the stores throw; the signal's reason when it aborts
 */
export async function copyLog(options: CopyOptions): Promise<CopiedLog> {
  const { from, to, signal } = options;
  const head = await from.head();
  const report = reporter(options, head);
  const ends = streamEnds();
  const found = await commonBeginning(options, head, ends, report);
  const written = await appendRest(options, head, found, ends, report);
  let compared = 0;
  const verified = await verifyCopy({
    from,
    to,
    upTo: head,
    onEvent: (position) => report('verifying', (compared += 1), position),
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...verified, found: found.events, written, sourceGrew: await hasMore(from, head) };
}

/** A head that moved says nothing: stores write for themselves as well. */
async function hasMore(store: Pick<EventStore, 'readAll'>, after: bigint): Promise<boolean> {
  for await (const _ of store.readAll(after)) return true;
  return false;
}

interface Beginning {
  readonly events: number;
  /** The source from there on. */
  readonly rest: AsyncGenerator<StoredEvent>;
}

/** Reads both logs side by side until the target ends. */
async function commonBeginning(
  { from, to, signal }: CopyOptions,
  head: bigint,
  ends: StreamEnds,
  report: Report,
): Promise<Beginning> {
  const source = logEvents(from, head);
  let events = 0;
  try {
    for await (const copy of logEvents(to)) {
      signal?.throwIfAborted();
      const event = await source.next();
      if (event.done === true) throw differs(copy, events, 'the source has no event there');
      mustBeAlike(event.value, copy, events);
      ends.add(event.value);
      report('comparing', (events += 1), event.value.position);
    }
  } catch (error) {
    await source.return(undefined);
    throw error;
  }
  return { events, rest: source };
}

async function appendRest(
  { to, signal }: CopyOptions,
  head: bigint,
  { rest }: Beginning,
  ends: StreamEnds,
  report: Report,
): Promise<number> {
  let written = 0;
  let position = -1n;
  let together: CopyAppend[] = [];
  const appendAll = async () => {
    signal?.throwIfAborted();
    await settled(together.map(({ stream, expected, events }) => to.append(stream, expected, events)));
    for (const { events } of together) written += events.length;
    together = [];
    report('copying', written, position);
  };
  for await (const append of copyAppends(rest, ends)) {
    together.push(append);
    position = append.events.at(-1)?.position ?? position;
    const bytes = together.reduce((sum, { size }) => sum + size, 0);
    // Where an append can overtake another that failed, the log's order holds only when each is waited for.
    if (to.keepsOrder !== true || together.length >= MOST_APPENDS || bytes >= MOST_BYTES) await appendAll();
  }
  if (together.length > 0) await appendAll();
  return written;
}

/** Waits for all of them, so that none is under way any more when the first failure is thrown. */
async function settled(appends: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(appends)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

type Report = (step: CopyProgress['step'], events: number, position: bigint) => void;

function reporter({ onProgress }: CopyOptions, head: bigint): Report {
  return (step, events, position) =>
    onProgress?.({ step, events, share: head <= 0n ? 1 : Math.min(1, Number(position) / Number(head)) });
}
