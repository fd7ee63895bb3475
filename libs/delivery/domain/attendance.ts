import type { RunSkipped } from './runs.js';

/** Milliseconds: how late a run may begin before it counts as missed. */
const LATEST = 60_000;

/** May a run that was due then still begin? */
export const inTime = (due: Date, now: Date): boolean => now.getTime() - due.getTime() <= LATEST;

/** What is to be done about times that have come. */
export interface Attendance {
  readonly skip: readonly {
    readonly due: Date;
    readonly reason: RunSkipped['data']['reason'];
    readonly times: number;
  }[];
  readonly run?: Date;
}

/**
 * Of several times that came since the last look only the latest is run, and only when it is not long past: what was missed is not made up for,
 * no two runs of a component are on at once, and nothing is begun while the instance is being changed.
 * @param times that came, latest last
 */
export function attendance(
  times: readonly Date[],
  now: Date,
  { running, changing }: { readonly running: boolean; readonly changing: boolean },
): Attendance {
  const last = times.at(-1);
  if (last === undefined) return { skip: [] };
  const late = !inTime(last, now);
  const missed = late ? times : times.slice(0, -1);
  const due = missed.at(-1);
  const skip = due === undefined ? [] : [{ due, reason: 'missed', times: missed.length } as const];
  if (late) return { skip };
  if (running) return { skip: [...skip, { due: last, reason: 'overlap', times: 1 }] };
  if (changing) return { skip: [...skip, { due: last, reason: 'record-open', times: 1 }] };
  return { skip, run: last };
}
