import type { ComponentKey, InstanceId } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { runsDecider, runsStream, scheduledRun, type RunEvent } from './runs.js';

const common = { run: 'r', instance: 'i' as InstanceId, component: 'c' as ComponentKey };
const due = '2026-11-30T23:59:00.000Z';
const ended: RunEvent = { type: 'run-ended', data: { ...common, outcome: 'succeeded', log: '' } };
const skipped: RunEvent = { type: 'run-skipped', data: { ...common, due, reason: 'overlap', times: 1 } };

describe('runs', () => {
  it.each([
    ['a skipped run is not skipped again', skipped, skipped],
    ['what has ended does not end again', ended, ended],
    ['what was skipped does not end', skipped, ended],
    ['what has ended is not skipped', ended, skipped],
  ])('%s', (_, first, second) => {
    const state = runsDecider.evolve(runsDecider.initialState(), first);
    expect(runsDecider.decide({ type: 'report-run', event: first }, runsDecider.initialState())).toEqual([first]);
    expect(runsDecider.decide({ type: 'report-run', event: second }, state)).toEqual([]);
  });

  it('stand in a stream of their month, each under a name that follows from what is run when', () => {
    expect(runsStream(common.instance, due)).toBe('runs-i-202611');
    expect(scheduledRun(common.instance, common.component, due)).toBe(
      scheduledRun(common.instance, common.component, due),
    );
    expect(scheduledRun(common.instance, common.component, '2026-12-01T00:00:00.000Z')).not.toBe(
      scheduledRun(common.instance, common.component, due),
    );
  });
});
