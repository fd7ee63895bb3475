import { dryRunStore, handle, type CommandContext, type EventStore, type Handled } from '@waybill/event-store';
import type { AccountId, Clock, Instant } from '@waybill/kernel';
import type { Account } from '../domain/account.js';
import { accountDecider, type AccountCommand } from '../domain/accountDecider.js';
import type { AccountEvent, Holder } from '../domain/accountEvents.js';
import { accountStream } from '../domain/accountName.js';
import type { Role } from '../domain/role.js';
import { accountSerde } from '../domain/serde.js';
import { tokenHash, tokenOf } from '../domain/token.js';
import { allAccounts, hasAdministrator } from './administrators.js';
import { inTurn } from './inTurn.js';

export interface TokenRequest {
  readonly account: AccountId;
  readonly roles: readonly Role[];
  readonly holder: Holder;
  readonly label?: string | undefined;
  readonly expiresAt?: Instant | undefined;
}

export interface IssuedToken {
  readonly account: AccountId;
  readonly tokenId: string;
  /** Shown this once. Absent when the command was a repetition: what was shown before cannot be shown again. */
  readonly token?: string;
  readonly roles: readonly Role[];
  readonly expiresAt?: Instant;
  readonly revision: bigint;
  readonly position: bigint;
}

export interface AccountChange {
  readonly changed: boolean;
  readonly revision: bigint;
  readonly position: bigint;
}

/** What is done to accounts. All throw what `handle` throws. */
export interface Accounts {
  /** @throws WaybillError `invalid-request` */
  issueToken(request: TokenRequest, context: CommandContext): Promise<IssuedToken>;
  /** @throws WaybillError `token-not-found`, `last-administrator` */
  revokeToken(account: AccountId, tokenId: string, context: CommandContext): Promise<AccountChange>;
  /** @throws WaybillError `account-not-found` */
  grantRole(account: AccountId, role: Role, context: CommandContext): Promise<AccountChange>;
  /** @throws WaybillError `account-not-found`, `last-administrator` */
  revokeRole(account: AccountId, role: Role, context: CommandContext): Promise<AccountChange>;
}

export function accounts(options: {
  readonly store: EventStore;
  readonly clock: Clock;
  /** 32 fresh random bytes at every call. */
  readonly random: () => Uint8Array;
  /** Told of every change before its command is answered. */
  readonly onChange: (account: AccountId, position: bigint) => Promise<void>;
}): Accounts {
  const { store, clock, random, onChange } = options;
  // "Is there another administrator?" and the answer's use must not be torn apart by another revocation on this server.
  const revoking = inTurn();

  async function apply(account: AccountId, command: AccountCommand, context: CommandContext) {
    const handled = await handle(
      {
        store: context.dryRun === true ? dryRunStore(store) : store,
        serde: accountSerde,
        decider: accountDecider,
        clock,
      },
      accountStream(account),
      command,
      context,
    );
    if (handled.position >= 0n && context.dryRun !== true) await onChange(account, handled.position);
    return handled;
  }
  const taking = async (account: AccountId) => {
    const now = clock.now();
    return {
      account,
      now,
      otherAdministrators: hasAdministrator(await allAccounts(store), now, { beside: account }),
    };
  };

  return {
    async issueToken(request, context) {
      const token = tokenOf(random());
      const handled = await apply(
        request.account,
        {
          type: 'issue-token',
          now: clock.now(),
          token: {
            account: request.account,
            // A command issues one token, so its id can be the token's: a repetition finds the same one.
            tokenId: context.commandId,
            hash: tokenHash(token),
            roles: [...new Set(request.roles)].sort(),
            holder: request.holder,
            ...(request.label === undefined ? {} : { label: request.label }),
            ...(request.expiresAt === undefined ? {} : { expiresAt: request.expiresAt }),
          },
        },
        context,
      );
      return issued(handled, handled.outcome === 'done' ? token : undefined);
    },
    revokeToken: (account, tokenId, context) =>
      revoking(async () =>
        changeOf(await apply(account, { type: 'revoke-token', tokenId, ...(await taking(account)) }, context)),
      ),
    grantRole: async (account, role, context) =>
      changeOf(await apply(account, { type: 'grant-role', account, role }, context)),
    revokeRole: (account, role, context) =>
      revoking(async () =>
        changeOf(await apply(account, { type: 'revoke-role', role, ...(await taking(account)) }, context)),
      ),
  };
}

function issued(handled: Handled<Account, AccountEvent>, token: string | undefined): IssuedToken {
  const event = handled.events.find(({ event }) => event.type === 'token-issued')?.event;
  if (event?.type !== 'token-issued') throw new TypeError('issuing a token wrote no token-issued event');
  const { account, tokenId, roles, expiresAt } = event.data;
  return {
    account,
    tokenId,
    ...(token === undefined ? {} : { token }),
    roles,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    revision: handled.revision,
    position: handled.position,
  };
}

const changeOf = (handled: Handled<Account, AccountEvent>): AccountChange => ({
  changed: handled.outcome !== 'nothing',
  revision: handled.revision,
  position: handled.position,
});
