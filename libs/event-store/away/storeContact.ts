import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Instant } from '@waybill/kernel';
import type { Sleep } from '../claims/claim.js';
import { pause } from '../claims/pause.js';
import type { EventStore } from '../eventStore.js';

/** Since when the store has not answered. */
export interface Absence {
  /** By this machine's clock, when it answered last. */
  readonly since: Instant;
  /** Whole seconds since then. */
  readonly seconds: number;
}

/** Whether the event store can be reached, found out by asking it again and again. */
export interface StoreContact {
  /** Nothing: it answers. */
  absence(): Absence | undefined;
  /** As `absence`, but told only of one that has lasted for the grace: who comes earlier waits until it has, or the store is back. */
  lastingAbsence(): Promise<Absence | undefined>;
  /** Aborts when the store is no longer reached; aborted at once when it is not reached now. A new one after each return. */
  lost(): AbortSignal;
  close(): Promise<void>;
}

export interface StoreContactOptions {
  readonly store: Pick<EventStore, 'head'>;
  readonly clock: Clock;
  /** Milliseconds between an answer and the next question; default 1000. */
  readonly everyMs?: number;
  /** Milliseconds without an answer after which the store counts as away; default 2000. Those in which this process stood still do not count. */
  readonly patienceMs?: number;
  /** Milliseconds since the last answer within which a hiccup or the election of a leader is over; default 5000. */
  readonly graceMs?: number;
  /** Hears of every loss and every return. */
  readonly onChange?: (absence: Absence | undefined) => void;
  readonly sleep?: Sleep;
}

/** A process that stood still finds its timers due before it reads the answer that came meanwhile: so it waits in slices, of which that costs one. */
const SLICE_MS = 100;

const byTimer: Sleep = (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal });

/** Watches a store that answered right now. */
export function storeContact(options: StoreContactOptions): StoreContact {
  const { store, clock, everyMs = 1_000, patienceMs = 2_000, graceMs = 5_000, onChange, sleep = byTimer } = options;
  const closing = new AbortController();
  let last = { at: clock.monotonic(), now: clock.now() };
  let lost = new AbortController();
  let back = new AbortController();
  let grace = Promise.resolve();

  const absence = (): Absence | undefined =>
    lost.signal.aborted ? { since: last.now, seconds: Math.floor((clock.monotonic() - last.at) / 1000) } : undefined;

  function lose(): void {
    if (lost.signal.aborted || closing.signal.aborted) return;
    lost.abort();
    back = new AbortController();
    grace = pause(sleep, last.at + graceMs - clock.monotonic(), back.signal);
    onChange?.(absence());
  }

  function heard(asked: typeof last): void {
    last = asked;
    if (!lost.signal.aborted) return;
    lost = new AbortController();
    back.abort();
    onChange?.(undefined);
  }

  async function unanswered(answered: AbortSignal): Promise<boolean> {
    for (let waited = 0; waited < patienceMs && !answered.aborted; waited += SLICE_MS)
      await pause(sleep, SLICE_MS, answered);
    return !answered.aborted;
  }

  async function ask(): Promise<void> {
    const asked = { at: clock.monotonic(), now: clock.now() };
    const answered = new AbortController();
    const late = unanswered(answered.signal).then((isLate) => {
      if (isLate) lose();
    });
    try {
      await store.head();
      if (!closing.signal.aborted) heard(asked);
    } catch {
      lose();
    } finally {
      answered.abort();
      await late;
    }
  }

  async function watch(): Promise<void> {
    for (;;) {
      await pause(sleep, everyMs, closing.signal);
      if (closing.signal.aborted) return;
      await ask();
    }
  }

  const watching = watch();
  return {
    absence,
    lastingAbsence: () => grace.then(absence),
    lost: () => lost.signal,
    async close() {
      closing.abort();
      back.abort();
      await watching;
    },
  };
}

/** Of a store that is part of this process: it is always there. */
export const alwaysInContact: StoreContact = {
  absence: () => undefined,
  lastingAbsence: () => Promise.resolve(undefined),
  lost: () => new AbortController().signal,
  close: () => Promise.resolve(),
};
