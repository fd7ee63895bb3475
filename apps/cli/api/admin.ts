export interface DiagnosisView {
  readonly healthy: boolean;
  readonly findings: readonly FindingView[];
}

export interface FindingView {
  readonly check: string;
  readonly state: 'fine' | 'remark' | 'problem';
  readonly detail: string;
  readonly items: readonly string[];
}

export interface RebuildView {
  readonly operation: string;
}
