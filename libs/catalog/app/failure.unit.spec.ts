import { describe, expect, it } from 'vitest';
import { WaybillError } from '@waybill/kernel';
import { reactionTo } from './failure.js';

const kindOf = (error: unknown) => reactionTo(error, 'request 1').kind;

describe('an error in a step of an import', () => {
  it('is a refusal when the package is at fault, with code, words and details', () => {
    const error = new WaybillError('package-truncated', { file: 'shop.tar.gz', where: 'layer 2' });
    expect(reactionTo(error, 'request 1')).toStrictEqual({
      kind: 'refuse',
      failure: {
        code: 'package-truncated',
        message: error.message,
        details: { file: 'shop.tar.gz', where: 'layer 2' },
      },
    });
  });

  it('fails the import when something else is at fault', () => {
    expect(kindOf(new WaybillError('package-changed', {}))).toBe('fail');
    expect(kindOf(new WaybillError('version-content-differs', {}))).toBe('fail');
  });

  it('is tried again when it may pass by itself', () => {
    expect(kindOf(new WaybillError('store-unavailable', { reason: 'away' }))).toBe('retry');
    expect(kindOf(new WaybillError('disk-full', { where: '/data' }))).toBe('retry');
    expect(kindOf(new WaybillError('claim-held', {}))).toBe('retry');
    expect(kindOf(new WaybillError('revision-mismatch', {}))).toBe('retry');
  });

  it('is written down without its words when nobody foresaw it', () => {
    const reaction = reactionTo(new Error('password=hunter2'), 'request 1');
    expect(reaction).toMatchObject({
      kind: 'fail',
      failure: { code: 'internal', details: { correlationId: 'request 1' } },
    });
    expect(JSON.stringify(reaction)).not.toContain('hunter2');
  });

  it('keeps only what event data may hold', () => {
    const error = new WaybillError('package-limit-exceeded', {
      what: '\ud800',
      limit: 1.5,
      entry: undefined,
      more: ['a'],
    });
    expect(reactionTo(error, 'r')).toMatchObject({
      failure: { details: { what: '\ufffd', limit: '1.5', more: ['a'] } },
    });
  });
});
