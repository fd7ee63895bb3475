import type { Decider } from '@waybill/event-store';
import { WaybillError, type AccountId, type Instant } from '@waybill/kernel';
import { evolveAccount, hasExpired, isAdministrator, noAccount, type Account } from './account.js';
import type { AccountEvent, IssuedTokenData } from './accountEvents.js';
import type { Role } from './role.js';

interface Taking {
  readonly account: AccountId;
  readonly now: Instant;
  /** Is there an administrator beside this account? Known from the log, not from this stream. */
  readonly otherAdministrators: boolean;
}

export type AccountCommand =
  | { readonly type: 'issue-token'; readonly token: IssuedTokenData; readonly now: Instant }
  | ({ readonly type: 'revoke-token'; readonly tokenId: string } & Taking)
  | { readonly type: 'grant-role'; readonly account: AccountId; readonly role: Role }
  | ({ readonly type: 'revoke-role'; readonly role: Role } & Taking);

export const accountDecider: Decider<Account, AccountCommand, AccountEvent> = {
  initialState: () => noAccount,
  evolve: evolveAccount,
  decide(command, account) {
    switch (command.type) {
      case 'issue-token':
        return issue(command.token, command.now, account);
      case 'revoke-token':
        return keepingAnAdministrator(revokeToken(command.tokenId, command.account, account), command, account);
      case 'grant-role':
        mustExist(command.account, account);
        return account.roles.includes(command.role)
          ? []
          : [{ type: 'role-granted', data: { account: command.account, role: command.role } }];
      case 'revoke-role':
        mustExist(command.account, account);
        return keepingAnAdministrator(revokeRole(command.role, command.account, account), command, account);
    }
  },
};

/** A token brings the roles it is issued for, so that one command is enough to let somebody in. */
function issue(token: IssuedTokenData, now: Instant, account: Account): readonly AccountEvent[] {
  if (token.roles.length === 0) throw new WaybillError('invalid-request', { reason: 'a token needs a role.' });
  if (hasExpired(token, now))
    throw new WaybillError('invalid-request', { reason: 'the token would have expired before it was issued.' });
  const granted = token.roles
    .filter((role) => !account.roles.includes(role))
    .map((role): AccountEvent => ({ type: 'role-granted', data: { account: token.account, role } }));
  return [...granted, { type: 'token-issued', data: token }];
}

function revokeToken(tokenId: string, id: AccountId, account: Account): readonly AccountEvent[] {
  const token = account.tokens.find((known) => known.tokenId === tokenId);
  if (token === undefined) throw new WaybillError('token-not-found', { token: tokenId });
  return token.revoked ? [] : [{ type: 'token-revoked', data: { account: id, tokenId } }];
}

const revokeRole = (role: Role, id: AccountId, account: Account): readonly AccountEvent[] =>
  account.roles.includes(role) ? [{ type: 'role-revoked', data: { account: id, role } }] : [];

function keepingAnAdministrator(
  events: readonly AccountEvent[],
  command: Taking,
  account: Account,
): readonly AccountEvent[] {
  const left = events.reduce(evolveAccount, account);
  const takesTheLast =
    isAdministrator(account, command.now) && !isAdministrator(left, command.now) && !command.otherAdministrators;
  if (takesTheLast) throw new WaybillError('last-administrator');
  return events;
}

function mustExist(id: AccountId, account: Account): void {
  if (!account.exists) throw new WaybillError('account-not-found', { account: id });
}
