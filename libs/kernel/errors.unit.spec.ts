import { describe, expect, it } from 'vitest';
import { hasCode, isWaybillError, printable, WaybillError } from './errors.js';

describe('an error of Waybill', () => {
  it('says in its words what happened, with the details in their places', () => {
    const error = new WaybillError('wrong-expected-revision', { stream: 's', actual: '3', expected: 'no_stream' });
    expect(error.message).toBe('The stream s is at 3, not at no_stream as expected.');
    expect(error.details).toStrictEqual({ stream: 's', actual: '3', expected: 'no_stream' });
    expect(error.points).toStrictEqual([]);
  });

  it('lists several values, shows numbers, and admits what it was not told', () => {
    expect([
      new WaybillError('item-ambiguous', { item: 'x', items: ['a', 'b'] }).message,
      new WaybillError('body-too-large', { limit: 10 }).message,
      new WaybillError('body-too-large').message,
    ]).toStrictEqual([
      '"x" could be any of a, b.',
      'The request is larger than 10 bytes.',
      'The request is larger than ? bytes.',
    ]);
  });

  it('does not take a place in a detail for one of its own', () => {
    expect(new WaybillError('invalid-name', { name: '{reason}', reason: '$& {name}' }).message).toBe(
      'The name "{reason}" is not valid: $& {name}',
    );
  });

  it('never sends control characters on, alone or in lists', () => {
    expect([
      new WaybillError('template-not-found', { template: 'a\u001b[31m\nb' }).message,
      new WaybillError('item-ambiguous', { item: 'x', items: ['a\r', '\u202eb'] }).message,
    ]).toStrictEqual(['There is no template "a\\u001b[31m\\u000ab".', '"x" could be any of a\\u000d, \\u202eb.']);
  });

  it('keeps its cause and the points that were wrong', () => {
    const cause = new Error('why');
    const points = [{ pointer: '/name', message: 'is missing' }];
    const error = new WaybillError('invalid-request', { reason: 'x' }, { cause, points });
    expect([error.cause, error.points]).toStrictEqual([cause, points]);
    expect('cause' in new WaybillError('invalid-request')).toBe(false);
  });

  it('is recognised by its name and code, also when it comes from another copy of this package', () => {
    const copy = Object.assign(new Error('x'), { name: 'WaybillError', code: 'conflict' });
    const others = [new Error('x'), { name: 'WaybillError', code: 'conflict' }, undefined, 'conflict'];
    expect([isWaybillError(copy), hasCode(copy, 'conflict'), hasCode(copy, 'internal')]).toStrictEqual([
      true,
      true,
      false,
    ]);
    expect(others.filter((other) => isWaybillError(other) || hasCode(other, 'conflict'))).toStrictEqual([]);
  });
});

describe('a detail that is as long as a file', () => {
  it('is cut, in the words and beside them, so that an event or a line of a log can hold it', () => {
    const error = new WaybillError('package-no-metadata', { file: `${'x'.repeat(999)}😀${'y'.repeat(1e6)}` });
    const cut = `${'x'.repeat(999)}\ufffd… (1001001 characters)`;
    expect(error.details).toEqual({ file: cut });
    expect(error.message.startsWith(`${cut} has no`)).toBe(true);
  });
});

describe('printable text', () => {
  it('shows what would move the cursor, break the line or turn the direction', () => {
    expect(printable('a\0\t\n\u001b\u007f\u009b\u2028\u2029\u202a\u202e\u2066\u2069z')).toBe(
      'a\\u0000\\u0009\\u000a\\u001b\\u007f\\u009b\\u2028\\u2029\\u202a\\u202e\\u2066\\u2069z',
    );
  });

  it('shows what nobody would see', () => {
    expect(printable('a\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff\ud800\u{e0041}z')).toBe(
      'a\\u00ad\\u061c\\u200b\\u200e\\u200f\\u2060\\ufeff\\ud800\\udb40\\udc41z',
    );
  });

  it('leaves everything else as it is', () => {
    expect(printable('Grüße, 東京 😀 "\\" שלום')).toBe('Grüße, 東京 😀 "\\" שלום');
  });
});
