import { describe, it } from 'vitest';
import { deciderSpecification } from '@waybill/event-store/testing';
import { accountDecider, type AccountCommand } from './accountDecider.js';
import type { AccountEvent, IssuedTokenData } from './accountEvents.js';
import { accountId } from './accountName.js';
import type { Role } from './role.js';

const specification = deciderSpecification(accountDecider);
const given = (events: readonly AccountEvent[]) => specification.given(events);
const maria = accountId('maria');
const now = '2026-06-01T00:00:00.000Z';

const token = (tokenId: string, roles: readonly Role[], expiresAt?: string): IssuedTokenData => ({
  account: maria,
  tokenId,
  hash: `hash of ${tokenId}`,
  roles,
  holder: 'person',
  ...(expiresAt === undefined ? {} : { expiresAt }),
});
const issued = (...data: Parameters<typeof token>): AccountEvent => ({ type: 'token-issued', data: token(...data) });
const granted = (role: Role): AccountEvent => ({ type: 'role-granted', data: { account: maria, role } });
const revoked = (tokenId: string): AccountEvent => ({ type: 'token-revoked', data: { account: maria, tokenId } });
const lost = (role: Role): AccountEvent => ({ type: 'role-revoked', data: { account: maria, role } });
const issue = (...data: Parameters<typeof token>): AccountCommand => ({
  type: 'issue-token',
  token: token(...data),
  now,
});
const revoke = (tokenId: string, otherAdministrators = true): AccountCommand => ({
  type: 'revoke-token',
  account: maria,
  tokenId,
  now,
  otherAdministrators,
});
const takeRole = (role: Role, otherAdministrators = true): AccountCommand => ({
  type: 'revoke-role',
  account: maria,
  role,
  now,
  otherAdministrators,
});

describe('issuing a token', () => {
  it('brings the roles that a new account lacks', () => {
    given([])
      .when(issue('t1', ['approver', 'operator']))
      .then([granted('approver'), granted('operator'), issued('t1', ['approver', 'operator'])]);
  });

  it('grants no role twice', () => {
    given([granted('operator'), issued('t1', ['operator'])])
      .when(issue('t2', ['operator']))
      .then([issued('t2', ['operator'])]);
  });

  it('is refused without a role, and with an end that is past', () => {
    given([]).when(issue('t1', [])).thenThrows('invalid-request');
    given([])
      .when(issue('t1', ['operator'], '2026-05-31T23:59:59.999Z'))
      .thenThrows('invalid-request');
  });
});

describe('revoking a token', () => {
  const account = [granted('operator'), issued('t1', ['operator'])];

  it('is written once, and repeating it changes nothing', () => {
    given(account)
      .when(revoke('t1'))
      .then([revoked('t1')]);
    given([...account, revoked('t1')])
      .when(revoke('t1'))
      .thenNothing();
  });

  it('is refused for a token that was never issued', () => {
    given(account).when(revoke('t9')).thenThrows('token-not-found', { token: 't9' });
  });
});

describe('the last administrator', () => {
  const administrator = [granted('admin'), issued('t1', ['admin'])];

  it('keeps the last valid token and the role', () => {
    given(administrator).when(revoke('t1', false)).thenThrows('last-administrator');
    given(administrator).when(takeRole('admin', false)).thenThrows('last-administrator');
  });

  it('may go when another account has one', () => {
    given(administrator)
      .when(revoke('t1', true))
      .then([revoked('t1')]);
    given(administrator)
      .when(takeRole('admin', true))
      .then([lost('admin')]);
  });

  it('may give up one of two tokens', () => {
    given([...administrator, issued('t2', ['admin'])])
      .when(revoke('t1', false))
      .then([revoked('t1')]);
  });

  it('is not saved by a second token that has expired, is revoked or is for less', () => {
    const second = (...events: readonly AccountEvent[]) => given([...administrator, ...events]);
    second(issued('t2', ['admin'], now))
      .when(revoke('t1', false))
      .thenThrows('last-administrator');
    second(issued('t2', ['admin']), revoked('t2'))
      .when(revoke('t1', false))
      .thenThrows('last-administrator');
    second(granted('operator'), issued('t2', ['operator']))
      .when(revoke('t1', false))
      .thenThrows('last-administrator');
  });

  it('loses other roles and other people’s tokens freely', () => {
    const both = [...administrator, granted('operator'), issued('t2', ['operator'])];
    given(both)
      .when(takeRole('operator', false))
      .then([lost('operator')]);
    given(both)
      .when(revoke('t2', false))
      .then([revoked('t2')]);
  });
});

describe('a role', () => {
  it('is granted and taken once', () => {
    const account = [granted('operator'), issued('t1', ['operator'])];
    given(account)
      .when({ type: 'grant-role', account: maria, role: 'auditor' })
      .then([granted('auditor')]);
    given(account).when({ type: 'grant-role', account: maria, role: 'operator' }).thenNothing();
    given(account).when(takeRole('auditor')).thenNothing();
  });

  it('is not granted to an account that does not exist', () => {
    given([])
      .when({ type: 'grant-role', account: maria, role: 'auditor' })
      .thenThrows('account-not-found', { account: 'maria' });
  });
});
