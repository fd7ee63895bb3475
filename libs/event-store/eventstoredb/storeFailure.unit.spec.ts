import { describe, expect, it } from 'vitest';
import { WaybillError } from '@waybill/kernel';
import { storeError, storeFailure } from './storeFailure.js';

describe('a failure of the client', () => {
  it.each([
    ['its own class', { type: 'unavailable', code: 14, message: '14 UNAVAILABLE: gone' }, '14 UNAVAILABLE: gone'],
    ['a raw error of gRPC', Object.assign(new Error('No connection'), { code: 14 }), 'No connection'],
    ['a slow consumer', { type: 'timeout', code: 10, message: 'Consumer too slow' }, 'Consumer too slow'],
    ['a node that does not lead', { type: 'not-leader', message: '' }, 'not-leader'],
    ['something without words', { code: 13 }, 'error 13'],
    ['a failed discovery', new Error('Failed to discover after 10 attempts.'), 'Failed to discover after 10 attempts.'],
  ])('leaves the outcome open: %s', (_, error, reason) => {
    expect(storeFailure(error)).toStrictEqual({ kind: 'away', reason });
    expect(storeError(error, { stream: 's' })).toMatchObject({
      code: 'store-unavailable',
      details: { reason },
      cause: error,
    });
  });

  it.each([
    ['its own class', { type: 'access-denied', code: 7, message: 'denied' }],
    ['a raw error: denied', { type: 'unknown', code: 7, message: 'denied' }],
    ['a raw error: unknown user', { code: 16, message: 'denied' }],
  ])('tells that access was denied: %s', (_, error) => {
    expect(storeError(error, { stream: 's' })).toMatchObject({ code: 'store-denied', details: { reason: 'denied' } });
  });

  it('tells where the stream stands, even if it stands nowhere', () => {
    const error = (actualVersion: unknown) => ({ type: 'wrong-expected-version', actualVersion, message: '' });
    expect(storeError(error(3n), { stream: 's', expected: 'no_stream' })).toMatchObject({
      code: 'wrong-expected-revision',
      details: { stream: 's', expected: 'no_stream', actual: '3' },
    });
    expect(storeError(error('no_stream'), { stream: 's', expected: 5n })).toMatchObject({
      code: 'wrong-expected-revision',
      details: { stream: 's', expected: '5', actual: 'no_stream' },
    });
  });

  it('tells that a server takes less than was appended', () => {
    const error = { type: 'maximum-append-size-exceeded', maxAppendSize: 1_000 };
    expect(storeError(error, { stream: 's', size: 2_000 })).toMatchObject({
      code: 'append-too-large',
      details: { stream: 's', size: 2_000, limit: 1_000 },
    });
  });

  it('tells that a stream has a tombstone', () => {
    expect(storeError({ type: 'stream-deleted', code: 9 }, { stream: 's' })).toMatchObject({
      code: 'stream-deleted',
      details: { stream: 's' },
    });
  });

  it('passes on what is ours already', () => {
    const ours = new WaybillError('event-unreadable', { stream: 's', revision: '0', reason: 'r' });
    expect(storeError(ours, { stream: 'other' })).toBe(ours);
  });
});
