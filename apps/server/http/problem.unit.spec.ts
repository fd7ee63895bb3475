import { BadRequestException, NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { WaybillError } from '@waybill/kernel';
import { problemOf } from './problem.js';

const request = { path: '/api/v1/templates/x', correlationId: 'c-1' };

describe('the problem of an error', () => {
  it('says what the catalogue says of a known failure', () => {
    expect(problemOf(new WaybillError('template-not-found', { template: 'x' }), request)).toEqual({
      type: 'urn:waybill:problem:template-not-found',
      title: 'There is no such template',
      status: 404,
      detail: 'There is no template "x".',
      instance: '/api/v1/templates/x',
      code: 'template-not-found',
      correlationId: 'c-1',
      details: { template: 'x' },
    });
  });

  it('lists every wrong point of a request', () => {
    const points = [{ pointer: '/name', message: 'name must be a string' }];
    const problem = problemOf(new WaybillError('invalid-request', { reason: 'no.' }, { points }), request);
    expect(problem.errors).toEqual(points);
  });

  it('tells nothing of the inside of a failure nobody foresaw', () => {
    const problem = problemOf(new TypeError('password hunter2 of /srv/secret'), request);
    expect(problem).toEqual({
      type: 'urn:waybill:problem:internal',
      title: 'Something went wrong',
      status: 500,
      detail: 'Something went wrong on the server. The log has the details under the correlation id c-1.',
      instance: '/api/v1/templates/x',
      code: 'internal',
      correlationId: 'c-1',
    });
  });

  it('gives the failures of the framework codes of the catalogue', () => {
    expect(problemOf(new NotFoundException('Cannot GET /x'), request).code).toBe('route-not-found');
    expect(problemOf(new BadRequestException('bad'), request).code).toBe('invalid-request');
    expect(problemOf('thrown text', request).code).toBe('internal');
  });

  it('shows control characters of a path instead of sending them', () => {
    expect(problemOf(new NotFoundException(), { path: '/a\u001b[31m', correlationId: 'c' }).instance).toBe(
      '/a\\u001b[31m',
    );
  });
});
