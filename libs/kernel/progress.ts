import type { Clock, Instant } from './clock.js';
import { rateMeter, secondsLeft, type RateMeter } from './rateMeter.js';
import { withoutUndefined } from './withoutUndefined.js';

/** How far an operation is: what its runner reports. */
export interface Report {
  /** What is being done, in words that an operator understands. */
  readonly step: string;
  /** Of the whole operation. */
  readonly steps?: { readonly done: number; readonly total: number };
  /** Bytes of the step in hand. */
  readonly bytes?: number;
  readonly total?: number;
  /** When the step gives up. */
  readonly until?: Instant;
  /** Why it waits or is tried again. */
  readonly reason?: string;
}

/** The same for those who watch. */
export interface Progress extends Report {
  /** Bytes per second over the last seconds. */
  readonly rate?: number;
  /** Seconds until `total` at that rate, or until `until`. */
  readonly remaining?: number;
  /** When it was reported. */
  readonly at: Instant;
}

/** What those hear who watch an operation: it reports, or it is at rest. */
export type ProgressNews = 'report' | 'rest';

/** What the operations of this process are doing; in memory only, the log says what was reached for good. */
export interface ProgressBoard {
  report(operation: string, report: Report): void;
  of(operation: string): Progress | undefined;
  /** Forgets an operation that is at rest; its watchers hear of it. */
  clear(operation: string): void;
  /** Calls back at every report, and when the operation is at rest, until the returned function is called. */
  watch(operation: string, listener: (news: ProgressNews) => void): () => void;
}

/** A board on which a report costs next to nothing while nobody watches. */
export function progressBoard(clock: Pick<Clock, 'now' | 'monotonic'>): ProgressBoard {
  const present = new Map<string, { readonly report: Report; readonly at: Instant; readonly meter: RateMeter }>();
  const listeners = new Map<string, Set<(news: ProgressNews) => void>>();
  const tell = (operation: string, news: ProgressNews) =>
    listeners.get(operation)?.forEach((listener) => listener(news));
  return {
    report(operation, report) {
      const before = present.get(operation);
      const meter = before?.report.step === report.step ? before.meter : rateMeter(() => clock.monotonic());
      if (report.bytes !== undefined) meter.see(report.bytes);
      present.set(operation, { report, at: clock.now(), meter });
      tell(operation, 'report');
    },
    of(operation) {
      const found = present.get(operation);
      if (found === undefined) return undefined;
      const { report, at, meter } = found;
      const { bytes, total, until } = report;
      if (until !== undefined) return { ...report, remaining: secondsBetween(clock.now(), until), at };
      if (bytes === undefined) return { ...report, at };
      const rate = meter.rate();
      const remaining = total === undefined ? undefined : secondsLeft(bytes, total, rate);
      return withoutUndefined({ ...report, rate: rate === undefined ? undefined : Math.round(rate), remaining, at });
    },
    clear(operation) {
      if (present.delete(operation)) tell(operation, 'rest');
    },
    watch(operation, listener) {
      const own = listeners.get(operation) ?? new Set();
      listeners.set(operation, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0) listeners.delete(operation);
      };
    },
  };
}

const secondsBetween = (from: Instant, to: Instant): number =>
  Math.max(0, Math.ceil((Date.parse(to) - Date.parse(from)) / 1000));
