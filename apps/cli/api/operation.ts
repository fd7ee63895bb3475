export interface OperationView {
  readonly id: string;
  readonly kind: string;
  /** `waiting`: for a person. */
  readonly state: 'running' | 'waiting' | 'succeeded' | 'failed';
  readonly detail: string;
  readonly subject: string;
  readonly progress?: ProgressView;
  readonly failure?: FailureView;
}

export interface ProgressView {
  readonly step: string;
  readonly steps?: { readonly done: number; readonly total: number };
  readonly bytes?: number;
  readonly total?: number;
  readonly rate?: number;
  readonly remaining?: number;
  readonly until?: string;
  readonly reason?: string;
}

export interface FailureView {
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly component?: string;
  readonly log?: string;
}
