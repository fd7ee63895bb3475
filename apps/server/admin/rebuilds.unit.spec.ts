import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { fixedClock } from '@waybill/kernel';
import type { RebuildProgress } from '@waybill/event-store';
import { rebuilds } from './rebuilds.js';

/** Read models of which a test decides when a rebuild moves and ends. */
function started() {
  let calls = 0;
  let tell: (progress: RebuildProgress) => void = () => undefined;
  let end: (error?: Error) => void = () => undefined;
  const rebuild = (onProgress: (progress: RebuildProgress) => void = () => undefined) => {
    calls += 1;
    tell = onProgress;
    return new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
    });
  };
  const board = rebuilds({ readModels: { rebuild }, clock: fixedClock(), logger: pino({ level: 'silent' }) });
  const ended = (error?: Error) =>
    new Promise<void>((resolve) => {
      const stop = board.watch('', () => {
        stop();
        resolve();
      });
      end(error);
    });
  return { board, calls: () => calls, tell: (progress: RebuildProgress) => tell(progress), ended };
}

describe('rebuilds as operations', () => {
  it('tell how much of the log has been replayed, and the end', async () => {
    const { board, tell, ended } = started();
    expect(board.begin('a')).toBe('rebuild-a');
    tell({ position: 25n, head: 100n });
    expect(await board.view('a')).toMatchObject({ state: 'running', progress: { step: 'replaying the log: 25 %' } });
    await ended();
    expect(await board.view('a')).toStrictEqual({
      id: 'rebuild-a',
      kind: 'rebuild',
      state: 'succeeded',
      detail: 'succeeded',
      subject: '/api/v1/admin/rebuild',
      started: '2026-01-01T00:00:00.000Z',
      ended: '2026-01-01T00:00:00.000Z',
      updated: '2026-01-01T00:00:00.000Z',
    });
  });

  it('join the one at work, and begin none twice for a repeated request', async () => {
    const { board, calls, ended } = started();
    expect([board.begin('a'), board.begin('b'), board.begin('a')]).toStrictEqual([
      'rebuild-a',
      'rebuild-a',
      'rebuild-a',
    ]);
    await ended();
    expect(board.begin('a')).toBe('rebuild-a');
    expect(calls()).toBe(1);
    expect(board.begin('c')).toBe('rebuild-c');
    expect(calls()).toBe(2);
  });

  it('say why they failed', async () => {
    const { board, ended } = started();
    board.begin('a');
    await ended(new Error('the projection x failed'));
    expect(await board.view('a')).toMatchObject({
      state: 'failed',
      failure: { code: 'operation-failed', message: 'the projection x failed' },
    });
  });

  it('are not known when they never were', async () => {
    await expect(started().board.view('x')).rejects.toMatchObject({ code: 'operation-not-found' });
  });
});
