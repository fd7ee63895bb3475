import type { Instant } from '@waybill/kernel';
import type { AccountEvent, IssuedTokenData } from './accountEvents.js';
import type { Role } from './role.js';

export interface AccountToken extends IssuedTokenData {
  readonly revoked: boolean;
}

/** An account is what its stream says: nothing yet, or roles and tokens. */
export interface Account {
  readonly exists: boolean;
  readonly roles: readonly Role[];
  readonly tokens: readonly AccountToken[];
}

export const noAccount: Account = { exists: false, roles: [], tokens: [] };

export function evolveAccount(account: Account, event: AccountEvent): Account {
  switch (event.type) {
    case 'token-issued':
      return { ...account, exists: true, tokens: [...account.tokens, { ...event.data, revoked: false }] };
    case 'token-revoked':
      return {
        ...account,
        tokens: account.tokens.map((token) =>
          token.tokenId === event.data.tokenId ? { ...token, revoked: true } : token,
        ),
      };
    case 'role-granted':
      return { ...account, exists: true, roles: [...account.roles, event.data.role] };
    case 'role-revoked':
      return { ...account, roles: account.roles.filter((role) => role !== event.data.role) };
  }
}

export const hasExpired = (token: Pick<IssuedTokenData, 'expiresAt'>, now: Instant): boolean =>
  token.expiresAt !== undefined && Date.parse(token.expiresAt) <= Date.parse(now);

/** What the token is good for now: none of the account's roles that it was not issued for, none that the account has lost. */
export const effectiveRoles = (
  account: Pick<Account, 'roles'>,
  token: Pick<IssuedTokenData, 'roles'>,
): readonly Role[] => token.roles.filter((role) => account.roles.includes(role));

/** Can somebody act as an administrator with a token of this account? */
export const isAdministrator = (account: Account, now: Instant): boolean =>
  account.tokens.some(
    (token) => !token.revoked && !hasExpired(token, now) && effectiveRoles(account, token).includes('admin'),
  );
