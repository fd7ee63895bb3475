import {
  derivedId,
  type ComponentKey,
  type Digest,
  type InstanceId,
  type Instant,
  type RecordId,
} from '@waybill/kernel';
import type { Decider, DomainEvent } from '@waybill/event-store';

/** Names one run of a component: of a schedule by the time it was due, of a job by the record that ran it. */
export type RunId = string;

/** What came of a run. `unknown`: nobody saw its end. */
export type RunOutcome = 'succeeded' | 'failed' | 'unknown';

export type RunStarted = DomainEvent<
  'run-started',
  {
    readonly run: RunId;
    readonly instance: InstanceId;
    readonly component: ComponentKey;
    /** The time of the schedule that it is for. */
    readonly due: Instant;
    /** Document of what it runs from, and its digest for comparing. */
    readonly spec: { readonly document: Digest; readonly digest: Digest };
  }
>;
export type RunEnded = DomainEvent<
  'run-ended',
  {
    readonly run: RunId;
    readonly instance: InstanceId;
    readonly component: ComponentKey;
    /** The record that ran it; absent: its schedule did. */
    readonly record?: RecordId;
    readonly outcome: RunOutcome;
    readonly exitCode?: number;
    readonly reason?: string;
    /** The last lines it wrote, masked. */
    readonly log: string;
    readonly startedAt?: string;
  }
>;
/** `missed`: no server ran at that time; `overlap`: the run before had not ended; `record-open`: the instance was being changed. */
export type RunSkipped = DomainEvent<
  'run-skipped',
  {
    readonly run: RunId;
    readonly instance: InstanceId;
    readonly component: ComponentKey;
    /** The last one that was skipped. */
    readonly due: Instant;
    readonly reason: 'missed' | 'overlap' | 'record-open';
    /** How many times of the schedule were passed over together. */
    readonly times: number;
  }
>;
export type RunEvent = RunStarted | RunEnded | RunSkipped;

export type RunCommand = { readonly type: 'report-run'; readonly event: RunEvent };

/** What is known of the runs of a month: of each whether it was begun, or is over. */
export type RunsState = ReadonlyMap<RunId, 'open' | 'over'>;

/** One stream a month, so that none grows for ever. */
export const runsStream = (instance: InstanceId, at: Instant): string =>
  `runs-${instance}-${at.slice(0, 7).replace('-', '')}`;

export const scheduledRun = (instance: InstanceId, component: ComponentKey, due: Instant): RunId =>
  derivedId('run', instance, component, due);

export const jobRun = (record: RecordId, component: ComponentKey): RunId => derivedId('job-run', record, component);

/** A run is begun, ended or skipped once, whoever says so again. */
export const runsDecider: Decider<RunsState, RunCommand, RunEvent> = {
  initialState: () => new Map(),
  decide: ({ event }, state) => {
    const known = state.get(event.data.run);
    return known === 'over' || (known === 'open' && event.type !== 'run-ended') ? [] : [event];
  },
  evolve: (state, { type, data }) => new Map(state).set(data.run, type === 'run-started' ? 'open' : 'over'),
};
