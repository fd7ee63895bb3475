import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logFailure } from './command.mjs';
import { ROOT } from './dependencies.mjs';
import { prepare } from './prepare.mjs';
import { runInForeground } from './programs.mjs';

/** What each level of test needs beside the npm packages. */
const NEEDS = {
  unit: {},
  contract: {},
  int: { tools: true, registry: true, engine: true },
  e2e: { build: true, tools: true, readers: true, registry: true, engine: true },
};

export const LEVELS = Object.keys(NEEDS);

/**
 * Sets up and runs the tests of these levels; `args` go to vitest as they are. The last line on stdout is always
 * `N passed, N failed`, with `, N skipped` only when there are any. Resolves to the exit code.
 */
export async function runTests({ levels, args }) {
  try {
    const env = await prepare(Object.assign({}, ...levels.map((level) => NEEDS[level])));
    return await runVitest({ levels, args, env });
  } catch (error) {
    logFailure(error);
    process.stdout.write(`\n${countsLine(FAILED_BEFORE_ANY_TEST)}\n`);
    return 1;
  }
}

/** A run that broke off must not read `0 failed`, so what kept the tests from running counts as one failure. */
const FAILED_BEFORE_ANY_TEST = { passed: 0, failed: 1, skipped: 0 };

async function runVitest({ levels, args, env }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'waybill-tests-'));
  try {
    const report = path.join(folder, 'report.json');
    const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const projects = levels.map((level) => `--project=${level}`);
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const code = await runInForeground(process.execPath, [vitest, 'run', ...projects, ...reporters, ...args], {
      cwd: ROOT,
      env,
    });
    const outcome = judge(readReport(report), code);
    process.stdout.write(`\n${countsLine(outcome)}\n`);
    return outcome.failed === 0 ? 0 : Math.max(code, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The counts of a run from vitest's JSON report and exit code. A file that failed without a failed test (it could not be loaded)
 * counts as one failure, and so does a run that failed in any other way or in which no test ran.
 */
export function judge(report, code) {
  if (report === undefined) return FAILED_BEFORE_ANY_TEST;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles.length;
  const skipped = report.numPendingTests + report.numTodoTests;
  const brokeOff = failed === 0 && (code !== 0 || passed === 0);
  return { passed, failed: brokeOff ? 1 : failed, skipped };
}

/** `N passed, N failed`, and what was skipped when anything was. */
export function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
