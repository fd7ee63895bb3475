import type { PlanKind, VersionRef } from './plan.js';

export interface RecordView {
  readonly id: string;
  readonly instance: string;
  readonly number: number;
  readonly kind: PlanKind;
  readonly status: 'proposed' | 'running' | 'reverting' | 'completed' | 'reverted' | 'failed';
  readonly plan: string;
  readonly from: VersionRef | null;
  readonly to: VersionRef | null;
  readonly undoes?: string;
  readonly reason?: string;
  readonly failure?: string;
  readonly proposedAt: string;
  readonly proposedBy: { readonly account: string; readonly channel: string };
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly components: readonly {
    readonly component: string;
    readonly status: 'intended' | 'applied' | 'failed' | 'removed';
    readonly reason?: string;
    readonly log?: string;
    readonly at: string;
  }[];
  readonly result?: readonly {
    readonly component: string;
    readonly serving: 'new' | 'old' | 'none' | 'unknown';
  }[];
}

export interface Submitted {
  readonly record: string;
  readonly operation: string;
}
