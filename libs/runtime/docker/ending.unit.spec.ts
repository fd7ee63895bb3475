import type { ContainerInspectInfo } from 'dockerode';
import { expect, test } from 'vitest';
import { ending } from './ending.js';
import { lastExitCode } from './exitCode.js';

const at = '2026-01-01T00:00:00.5Z';
const seen = (
  status: string,
  { code = 0, restarts = 0, oom = false } = {},
): Pick<ContainerInspectInfo, 'State' | 'RestartCount'> => ({
  State: { Status: status, ExitCode: code, OOMKilled: oom, FinishedAt: at } as ContainerInspectInfo['State'],
  RestartCount: restarts,
});

test('a container that runs has not ended', () => {
  expect(ending(seen('running'), 'keep-up')).toBeUndefined();
  expect(ending(seen('running'), 'once')).toBeUndefined();
});

test('one that is to be kept up fails whichever way it ends', () => {
  const failed = { kind: 'failed', reason: 'The container ended with exit code 0.', at };
  expect(ending(seen('restarting'), 'keep-up')).toEqual(failed);
  expect(ending(seen('dead'), 'keep-up')).toEqual(failed);
  expect(ending(seen('running', { restarts: 1 }), 'keep-up')).toEqual({ kind: 'restarted', at });
});

test('one that is to be kept up and stays down was stopped by somebody', () => {
  expect(ending(seen('exited', { code: 143 }), 'keep-up')).toEqual({
    kind: 'stopped',
    reason: 'The container ended with exit code 143.',
  });
});

test('one that runs once is judged by its exit code', () => {
  expect(ending(seen('exited'), 'once')).toEqual({ kind: 'ready' });
  expect(ending(seen('exited', { code: 3 }), 'once')).toEqual({
    kind: 'failed',
    reason: 'The container ended with exit code 3.',
    at,
  });
});

test('a want of memory is named', () => {
  expect(ending(seen('exited', { code: 137, oom: true }), 'once')).toEqual({
    kind: 'failed',
    reason: 'The container was killed for want of memory.',
    at,
  });
});

test('the exit code of one that runs again is in the last event of its end', () => {
  const event = (exitCode?: string): string => JSON.stringify({ Actor: { Attributes: { exitCode } } });
  expect(lastExitCode(`${event('1')}\n${event('7')}\n`)).toBe(7);
  expect(lastExitCode(event())).toBeUndefined();
  expect(lastExitCode('')).toBeUndefined();
});
