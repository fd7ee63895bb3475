import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InstanceId, RecordId } from '@waybill/kernel';
import { watchOpenRecords } from './watchOpenRecords.js';

describe('open records of other servers', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const record = (name: string) => ({ instance: `of-${name}` as InstanceId, record: name as RecordId });

  it('are begun at the second look, again and again while they are open, and never after the end', () => {
    let open = [record('a')];
    let broken = false;
    const begun: string[] = [];
    const stop = watchOpenRecords(
      () => {
        if (broken) throw new Error('the file is away');
        return open;
      },
      (instance, one) => begun.push(`${instance} ${one}`),
      { everyMs: 1_000, onError: (error) => begun.push(String(error)) },
    );
    const looks: string[][] = [];
    const look = () => {
      vi.advanceTimersByTime(1_000);
      looks.push(begun.splice(0));
    };
    look();
    look();
    open = [record('a'), record('b')];
    look();
    open = [record('b')];
    look();
    broken = true;
    look();
    broken = false;
    look();
    stop();
    look();
    expect(looks).toStrictEqual([[], ['of-a a'], ['of-a a'], ['of-b b'], ['Error: the file is away'], ['of-b b'], []]);
  });
});
