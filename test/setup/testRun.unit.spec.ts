import { describe, expect, it } from 'vitest';
import { countsLine, judge, type TestReport } from '../../deploy/setup/testRun.mjs';

const file = (...tests: string[]) => ({
  status: tests.includes('failed') ? 'failed' : 'passed',
  assertionResults: tests.map((status) => ({ status })),
});

const report = (...files: TestReport['testResults'][number][]): TestReport => {
  const count = (status: string) => files.flatMap((f) => f.assertionResults).filter((t) => t.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults: files,
  };
};

describe('the counts of a test run', () => {
  it('are those of the report when vitest ended well', () => {
    expect(judge(report(file('passed', 'passed'), file('passed')), 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
  });

  it('hold every failed test once', () => {
    expect(judge(report(file('passed', 'failed', 'failed')), 1)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  it('take tests that were left out as skipped, whether pending or planned', () => {
    expect(judge(report(file('passed', 'pending', 'todo')), 0)).toEqual({ passed: 1, failed: 0, skipped: 2 });
  });

  it('count a file that could not be loaded as one failure', () => {
    const unloadable = { status: 'failed', assertionResults: [] };
    expect(judge(report(file('passed', 'failed'), unloadable), 1)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });

  it.each([
    ['vitest left no report', undefined, 137],
    ['no test ran', report(), 0],
    ['every test was skipped', report(file('pending')), 0],
  ])('never read 0 failed when %s', (_case, given, code) => {
    expect(judge(given, code)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('hold one failure when vitest failed although every test passed', () => {
    expect(judge(report(file('passed')), 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('name what was skipped only when something was', () => {
    expect(countsLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(countsLine({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
  });
});
