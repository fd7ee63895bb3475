/** The parts of vitest's JSON report that are read. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export function judge(report: TestReport | undefined, code: number): Counts;
export function countsLine(counts: Counts): string;
