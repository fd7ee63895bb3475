/** One run of a component: of its schedule, or of a job in a rollout. */
export interface RunView {
  readonly id: string;
  readonly component: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'unknown' | 'skipped';
  readonly due?: string;
  readonly record?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly times?: number;
  readonly log?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
}
