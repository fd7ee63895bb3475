import { isWaybillError } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { IssueTokenDto } from './dto/access.dto.js';
import { ListQueryDto } from './dto/list.dto.js';
import { validation } from './validation.js';

async function told(metatype: typeof IssueTokenDto | typeof ListQueryDto, value: object): Promise<unknown> {
  try {
    await validation().transform(value, { type: 'body', metatype });
    return 'accepted';
  } catch (error) {
    return isWaybillError(error) ? error.message : error;
  }
}

describe('a request that is wrong is told so', () => {
  it.each([
    [IssueTokenDto, { roles: ['admin'] }, '/account is missing.'],
    [IssueTokenDto, { account: 1, roles: ['admin'] }, '/account must be a string.'],
    [IssueTokenDto, { account: '', roles: ['admin'] }, '/account must be longer than or equal to 1 characters.'],
    [IssueTokenDto, { account: 'a', roles: ['admin'], x: 1 }, '/x property x should not exist.'],
    [ListQueryDto, { limit: ['1', '2'] }, '/limit must be one integer number.'],
    [ListQueryDto, { limit: '201' }, '/limit must not be greater than 200.'],
  ] as const)('%o %j: %s', async (metatype, value, reason) => {
    expect(await told(metatype, value)).toBe(`The request is not valid: ${reason}`);
  });
});
