import { WaybillError, type ErrorCode } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { serverProblem } from './client/serverProblem.js';
import { ending } from './ending.js';
import { exitCodeOf } from './exitCode.js';

const problem = (code: string, status: number) => serverProblem({ code, status, title: '', detail: '' });

describe('the exit code', () => {
  it.each<[ErrorCode, number]>([
    ['operation-failed', 1],
    ['confirmation-needed', 2],
    ['upgrade-not-upward', 3],
    ['instance-not-found', 4],
    ['record-open', 5],
    ['forbidden', 6],
    ['server-unreachable', 7],
  ])('of %s is %i, whoever says it', (code, exit) => {
    expect([exitCodeOf(new WaybillError(code)), exitCodeOf(problem(code, 500))]).toEqual([exit, exit]);
  });

  it.each([
    [400, 2],
    [401, 6],
    [404, 4],
    [409, 5],
    [422, 3],
    [503, 7],
    [500, 1],
  ])('follows the status %i where a newer server uses a code we do not know', (status, exit) => {
    expect(exitCodeOf(problem('toString', status))).toBe(exit);
  });

  it('is what an ending says, and 1 for what nobody foresaw', () => {
    expect([exitCodeOf(ending(130, '')), exitCodeOf(new Error('x')), exitCodeOf('x')]).toEqual([130, 1, 1]);
  });
});
