import { Command, CommandHandler, Query, QueryHandler, type ICommandHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Inject } from '@nestjs/common';
import type { CommandContext } from '@waybill/event-store';
import type { AccountId } from '@waybill/kernel';
import type { Access } from '../access.js';
import type { Role } from '../domain/role.js';
import type { AccountEntry, TokenEntry } from '../read/accessProjection.js';
import type { AccountChange, IssuedToken, TokenRequest } from './accounts.js';

/** Under this the module finds the opened context. */
export const ACCESS = Symbol('access');

/** Issues a token, and with it the roles the account lacks; see `Accounts.issueToken`. */
export class IssueToken extends Command<IssuedToken> {
  constructor(
    readonly request: TokenRequest,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Revokes a token: from the answer on, this server refuses it; see `Accounts.revokeToken`. */
export class RevokeToken extends Command<AccountChange> {
  constructor(
    readonly account: AccountId,
    readonly tokenId: string,
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** Grants a role to an account or takes it; see `Accounts.grantRole` and `revokeRole`. */
export class ChangeRole extends Command<AccountChange> {
  constructor(
    readonly account: AccountId,
    readonly role: Role,
    readonly change: 'grant' | 'revoke',
    readonly context: CommandContext,
  ) {
    super();
  }
}

/** All tokens ever issued, revoked ones included, without the tokens themselves. */
export class ListTokens extends Query<readonly TokenEntry[]> {}

export class ListAccounts extends Query<readonly AccountEntry[]> {}

@CommandHandler(IssueToken)
export class IssueTokenHandler implements ICommandHandler<IssueToken> {
  constructor(@Inject(ACCESS) private readonly access: Access) {}
  execute({ request, context }: IssueToken): Promise<IssuedToken> {
    return this.access.accounts.issueToken(request, context);
  }
}

@CommandHandler(RevokeToken)
export class RevokeTokenHandler implements ICommandHandler<RevokeToken> {
  constructor(@Inject(ACCESS) private readonly access: Access) {}
  execute({ account, tokenId, context }: RevokeToken): Promise<AccountChange> {
    return this.access.accounts.revokeToken(account, tokenId, context);
  }
}

@CommandHandler(ChangeRole)
export class ChangeRoleHandler implements ICommandHandler<ChangeRole> {
  constructor(@Inject(ACCESS) private readonly access: Access) {}
  execute({ account, role, change, context }: ChangeRole): Promise<AccountChange> {
    const { accounts } = this.access;
    return change === 'grant'
      ? accounts.grantRole(account, role, context)
      : accounts.revokeRole(account, role, context);
  }
}

@QueryHandler(ListTokens)
export class ListTokensHandler implements IQueryHandler<ListTokens> {
  constructor(@Inject(ACCESS) private readonly access: Access) {}
  execute(): Promise<readonly TokenEntry[]> {
    return Promise.resolve(this.access.reader.tokens());
  }
}

@QueryHandler(ListAccounts)
export class ListAccountsHandler implements IQueryHandler<ListAccounts> {
  constructor(@Inject(ACCESS) private readonly access: Access) {}
  execute(): Promise<readonly AccountEntry[]> {
    return Promise.resolve(this.access.reader.accounts());
  }
}
