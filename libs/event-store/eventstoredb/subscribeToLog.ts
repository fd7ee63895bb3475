import { excludeSystemEvents, streamNameFilter, type AllStreamSubscription, type Filter } from '@eventstore/db-client';
import type { WaybillError } from '@waybill/kernel';
import type { StreamFilter, SubscriptionMessage } from '../eventStore.js';
import { notePosition, toLeader, type Connection } from './connection.js';
import { isWanted } from './ownEvents.js';
import { longestPauses, pauseBefore, pauseFor } from './persistence.js';
import { pulled, type Pulled } from './pulled.js';
import { endOfLog, readLogEvents } from './readEvents.js';
import { clientPosition, positionOf, storedEvent, type ClientEvent } from './storedEvent.js';
import { deletionBy } from './deletion.js';
import { closedError, storeError, storeFailure } from './storeFailure.js';

/** A subscription was cut off and will be taken up again. */
export interface SubscriptionDrop {
  readonly error: WaybillError;
  /** How often in a row, from 1. */
  readonly attempt: number;
  /** Milliseconds until it is taken up again. */
  readonly pause: number;
  /** It goes on behind this position. */
  readonly after: bigint;
}

/** How far a subscription is behind the log's end, in positions. */
export interface SubscriptionLag {
  readonly at: bigint;
  readonly end: bigint;
}

export interface SubscriptionReports {
  readonly onDrop?: ((drop: SubscriptionDrop) => void) | undefined;
  /** About once a second while there is much to do, and whenever it looks at the log's end. */
  readonly onLag?: ((lag: SubscriptionLag) => void) | undefined;
  /** Hears `stream-deleted` when someone deletes a stream that is followed, or tells the server to forget a part of it. */
  readonly onDeletion?: ((error: WaybillError) => void) | undefined;
}

/** What the server says in between events; put into the stream at its place, since events may still wait in it. */
type Note = { readonly checkpoint: bigint } | { readonly caughtUp: true };
type Message = Note | { readonly event?: ClientEvent };

const LAG_EVERY_MS = 1_000;

/**
 * Follows the log until the caller aborts, through every interruption: after each it goes on behind the last event it yielded.
 * A consumer that is slow slows down the server, and is cut off by it at last, which is an interruption like any other.
 *
 * The server tells once that the log's end was met. What is written later to streams of no interest moves the end as well; so a
 * subscription that has nothing to do looks there, reads what it was not sent, and if that is nothing it wants, tells of the new end.
 * @throws WaybillError `store-unavailable` once the store is closed; `event-unreadable`
 */
export async function* subscribeToLog(
  connection: Connection,
  options: { readonly after: bigint; readonly filter: StreamFilter | undefined; readonly signal: AbortSignal },
  reports: SubscriptionReports,
): AsyncGenerator<SubscriptionMessage, void> {
  const { closing, random } = connection;
  const { filter, signal } = options;
  const progress: Progress = { at: options.after, told: undefined, attempt: 0 };
  while (!isAborted(signal)) {
    try {
      yield* followed(connection, filter, signal, progress, reports);
    } catch (error) {
      if (isAborted(signal)) return;
      if (closing.aborted) throw closedError();
      const { kind } = storeFailure(error);
      if (kind === 'ours') throw error;
      progress.attempt += 1;
      const { attempt, at } = progress;
      const pause = pauseBefore(attempt, random, longestPauses.subscription);
      reports.onDrop?.({ error: storeError(error, { stream: '$all' }), attempt, pause, after: at });
      await pauseFor(pause, closing, signal);
    }
    if (!isAborted(signal) && closing.aborted) throw closedError();
  }
}

interface Progress {
  /** Everything up to here was yielded or is of no interest. */
  at: bigint;
  told: bigint | undefined;
  /** Interruptions since the last sign of life. */
  attempt: number;
}

/** One subscription, from its call to its end. */
async function* followed(
  connection: Connection,
  filter: StreamFilter | undefined,
  signal: AbortSignal,
  progress: Progress,
  reports: SubscriptionReports,
): AsyncGenerator<SubscriptionMessage, void> {
  const { timeouts, clock, closing } = connection;
  const began = await endOfLog(connection);
  const messages = open(connection, filter, progress.at, signal);
  let looked = clock.monotonic();
  const look = async (): Promise<bigint> => {
    const end = await endOfLog(connection);
    looked = clock.monotonic();
    reports.onLag?.({ at: progress.at, end });
    return end;
  };
  try {
    for (;;) {
      const next = await messages.next(timeouts.look);
      if (isAborted(signal) || closing.aborted || next.kind === 'end') return;
      if (next.kind === 'late') {
        const end = await look();
        if (await isAnyBetween(connection, progress.at, end, filter)) continue;
        yield* caughtUp(progress, end);
      } else {
        yield* taken(connection, progress, next.item, began, filter, reports);
      }
      progress.attempt = 0;
      if (isAborted(signal)) return;
      if (clock.monotonic() - looked > LAG_EVERY_MS) await look();
    }
  } finally {
    messages.stop();
  }
}

/** Takes in one message of the server. @param began where the log ended before the subscription began */
function* taken(
  connection: Connection,
  progress: Progress,
  message: Message,
  began: bigint,
  filter: StreamFilter | undefined,
  reports: SubscriptionReports,
): Generator<SubscriptionMessage, void> {
  if ('caughtUp' in message) yield* caughtUp(progress, began);
  else if ('checkpoint' in message) reach(progress, message.checkpoint);
  else if (message.event !== undefined) {
    const position = notePosition(connection, positionOf(message.event));
    if (position <= progress.at) return;
    if (isWanted(message.event, filter)) yield { kind: 'event', event: storedEvent(message.event) };
    const deletion = deletionBy(message.event);
    if (deletion !== undefined) reports.onDeletion?.(deletion);
    reach(progress, position);
  }
}

function* caughtUp(progress: Progress, end: bigint): Generator<SubscriptionMessage, void> {
  reach(progress, end);
  if (progress.told === progress.at) return;
  progress.told = progress.at;
  yield { kind: 'caught-up', position: progress.at };
}

function reach(progress: Progress, position: bigint): void {
  if (position > progress.at) progress.at = position;
}

function open(
  { client, closing }: Connection,
  filter: StreamFilter | undefined,
  after: bigint,
  signal: AbortSignal,
): Pulled<Message> {
  const subscription: AllStreamSubscription = client.subscribeToAll(
    {
      fromPosition: clientPosition(after),
      filter: serverFilter(filter, (position) => subscription.push({ checkpoint: position } satisfies Note)),
      ...toLeader,
    },
    { highWaterMark: 64 },
  );
  const messages = pulled<Message>(subscription, () => subscription.unsubscribe(), signal, closing);
  subscription.on('caughtUp', () => subscription.push({ caughtUp: true } satisfies Note));
  return messages;
}

/** The streams, and those that hold the settings of each, where deletions and limits are written. */
function serverFilter(filter: StreamFilter | undefined, checkpoint: (position: bigint) => void): Filter {
  const checkpointReached = (_: AllStreamSubscription, { commit }: { readonly commit: bigint }) => checkpoint(commit);
  return filter === undefined || filter.prefixes.includes('')
    ? excludeSystemEvents({ checkpointReached })
    : streamNameFilter({ prefixes: filter.prefixes.flatMap((prefix) => [prefix, `$$${prefix}`]), checkpointReached });
}

async function isAnyBetween(
  connection: Connection,
  after: bigint,
  end: bigint,
  filter: StreamFilter | undefined,
): Promise<boolean> {
  for await (const _ of readLogEvents(connection, after, end, filter)) return true;
  return false;
}

const isAborted = (signal: AbortSignal): boolean => signal.aborted;
