import { describe, expect, it } from 'vitest';
import { deciderSpecification } from '@waybill/event-store/testing';
import type { Digest, InstanceId, RecordId } from '@waybill/kernel';
import { targets } from './neededImages.js';
import type { RecordState, RecordStatus } from '../domain/instanceState.js';
import { retentionDecider, type RetentionPolicySet } from '../domain/retention.js';

const instance = '5f0c2a54-7d0b-5a3e-9c3b-3f8b1f6f2a10' as InstanceId;
const set = (records: number, days: number): RetentionPolicySet => ({
  type: 'retention-policy-set',
  data: { instance, records, days },
});

describe('how far back a rollback must remain possible', () => {
  const specification = deciderSpecification(retentionDecider);
  const given = (events: readonly RetentionPolicySet[]) => specification.given(events);
  const command = (records: number, days: number) =>
    ({ type: 'set-retention', instance, policy: { records, days } }) as const;

  it('is recorded when it changes, from what holds for all on', () => {
    given([]).when(command(3, 90)).thenNothing();
    given([])
      .when(command(5, 365))
      .then([set(5, 365)]);
    given([set(5, 365)])
      .when(command(5, 365))
      .thenNothing();
    given([set(5, 365)])
      .when(command(3, 90))
      .then([set(3, 90)]);
  });
});

describe('the records that must remain undoable', () => {
  const record = (id: string, status: RecordStatus = 'completed', before: string | null = 'before'): RecordState => ({
    id: id as RecordId,
    kind: 'upgrade',
    plan: 'plan' as Digest,
    from: null,
    to: null,
    before: before as Digest | null,
    desired: null,
    proposedAt: 0,
    status,
    components: {},
    epoch: 0,
  });
  const records = [
    record('install', 'completed', null),
    record('a'),
    record('b'),
    record('undone', 'reverted'),
    record('c', 'failed'),
    record('open', 'running'),
  ];
  const ended = new Map(
    [
      ['a', '2026-01-01T00:00:00.000Z'],
      ['b', '2026-02-01T00:00:00.000Z'],
      ['c', '2026-03-01T00:00:00.000Z'],
    ].map(([id, at]) => [id as RecordId, at ?? '']),
  );
  const kept = (count: number, days: number) =>
    targets({ records }, ended, { policy: { records: count, days }, now: '2026-03-02T00:00:00.000Z' }).map(
      ({ id }) => id,
    );

  it('are the last ones, or those of the last days; never an install, nor what left nothing to undo', () => {
    expect(kept(0, 0)).toEqual([]);
    expect(kept(1, 0)).toEqual(['c']);
    expect(kept(2, 0)).toEqual(['b', 'c']);
    expect(kept(9, 0)).toEqual(['a', 'b', 'c']);
    expect(kept(0, 2)).toEqual(['c']);
    expect(kept(0, 40)).toEqual(['b', 'c']);
    expect(kept(1, 90)).toEqual(['a', 'b', 'c']);
  });
});
