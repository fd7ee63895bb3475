import { Cron } from 'croner';
import { valueAt, type DesiredComponent, type WorkloadValue } from './desired.js';

/** When a component runs. */
export interface Schedule {
  readonly text: string;
  readonly timeZone: string;
  /** The first time after a moment; undefined: it never comes. */
  readonly next: (after: Date) => Date | undefined;
}

const ZONE = /^(?:CRON_TZ|TZ)=(\S+)\s+/;

/** What a site says to have a component never run. */
export const NEVER = 'never';

/**
 * Reads five fields (minute, hour, day, month, weekday) or a name such as `@daily`, in UTC unless `CRON_TZ=Europe/Berlin` stands before them.
 * `undefined` when it is neither.
 */
export function readSchedule(text: string): Schedule | undefined {
  const zone = ZONE.exec(text);
  const timeZone = zone?.[1] ?? 'UTC';
  const fields = text.slice(zone?.[0].length ?? 0).trim();
  // What is no pattern is taken for a date by the library: a time that comes once is no schedule.
  if (!/^@[a-z]+$/.test(fields) && fields.split(/\s+/).length !== 5) return undefined;
  try {
    const cron = new Cron(fields, { timezone: timeZone, mode: '5-part', paused: true });
    // It looks at the time zone only when it is asked.
    cron.nextRun(new Date(0));
    return { text: fields, timeZone, next: (after) => cron.nextRun(after) ?? undefined };
  } catch {
    return undefined;
  }
}

/** What a component is said to run at: its text, `never`, or nothing; undefined: it does not run at times. */
export function scheduleTextOf(component: Pick<DesiredComponent, 'items'>): string | undefined {
  const workload = valueAt<WorkloadValue>(component, 'workload');
  if (workload?.kind !== 'cron') return undefined;
  return valueAt<string>(component, 'schedule') ?? ('schedule' in workload ? workload.schedule : '');
}

/** Is there a time at all that it names? There is no 31 February. */
export const everComes = ({ next }: Schedule): boolean => next(new Date(0)) !== undefined;

/** The schedule that a component follows; undefined: none. */
export const scheduleOf = (component: Pick<DesiredComponent, 'items'>): Schedule | undefined =>
  readSchedule(scheduleTextOf(component) ?? '');

/** Has it everything that it takes to run at times, or not to? */
export function lacksSchedule(component: Pick<DesiredComponent, 'items'>): boolean {
  const text = scheduleTextOf(component);
  return text !== undefined && text !== NEVER && readSchedule(text) === undefined;
}

/** The times that came after one moment and up to another, latest last; no more than so many are counted. */
export function dueTimes({ next }: Schedule, after: Date, until: Date, most = 10_000): readonly Date[] {
  const times: Date[] = [];
  for (let time = next(after); time !== undefined && time <= until && times.length < most; time = next(time))
    times.push(time);
  return times;
}
