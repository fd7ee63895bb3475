import { describe, expect, it } from 'vitest';
import { dueTimes, everComes, lacksSchedule, readSchedule, scheduleOf } from './schedule.js';

const noon = new Date('2026-11-21T12:00:00Z');

describe('a schedule', () => {
  it.each([
    ['0 3 * * *', 'UTC', '2026-11-22T03:00:00.000Z'],
    ['*/5 * * * 1-5', 'UTC', '2026-11-23T00:00:00.000Z'],
    ['30 4 1,15 * *', 'UTC', '2026-12-01T04:30:00.000Z'],
    ['@daily', 'UTC', '2026-11-22T00:00:00.000Z'],
    ['CRON_TZ=Asia/Shanghai 0 3 * * *', 'Asia/Shanghai', '2026-11-21T19:00:00.000Z'],
    ['TZ=Europe/Berlin 0 3 * * *', 'Europe/Berlin', '2026-11-22T02:00:00.000Z'],
    ['0 0 31 2 *', 'UTC', undefined],
  ])('%s in %s comes at %s', (text, timeZone, next) => {
    const schedule = readSchedule(text);
    expect([schedule?.timeZone, schedule?.next(noon)?.toISOString()]).toEqual([timeZone, next]);
    expect(schedule !== undefined && everComes(schedule)).toBe(next !== undefined);
  });

  it.each([
    '',
    'at night',
    '0 3 * *',
    '0 0 3 * * *',
    '61 * * * *',
    '2026-01-01T00:00:00',
    'CRON_TZ=No/Where 0 3 * * *',
    'never',
  ])('is not %j', (text) => {
    expect(readSchedule(text)).toBeUndefined();
  });

  it('tells the times that came since a moment, that moment left out', () => {
    const hourly = readSchedule('0 * * * *');
    const times = hourly === undefined ? [] : dueTimes(hourly, new Date('2026-11-21T09:00:00Z'), noon);
    expect(times.map((time) => time.toISOString())).toEqual([
      '2026-11-21T10:00:00.000Z',
      '2026-11-21T11:00:00.000Z',
      '2026-11-21T12:00:00.000Z',
    ]);
  });

  it('is lacking where a component runs at times and nothing valid says when', () => {
    const origin = { kind: 'template', version: '1.0' } as const;
    const cron = (schedule?: string) => ({
      items: {
        workload: { value: { kind: 'cron' }, origin },
        ...(schedule === undefined ? {} : { schedule: { value: schedule, origin } }),
      },
    });
    expect([cron(), cron('at night'), cron('never'), cron('0 3 * * *')].map(lacksSchedule)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(scheduleOf(cron('never'))).toBeUndefined();
    expect(lacksSchedule({ items: { workload: { value: { kind: 'job' }, origin } } })).toBe(false);
  });
});
