import type { EventStore } from '@waybill/event-store';
import { WaybillError, type AccountId, type Clock } from '@waybill/kernel';
import { effectiveRoles, hasExpired } from '../domain/account.js';
import type { Holder } from '../domain/accountEvents.js';
import type { Role } from '../domain/role.js';
import type { LoginFailure } from '../domain/securityEvents.js';
import { isToken, sameHash, tokenHash } from '../domain/token.js';
import type { AccessReader, TokenEntry } from '../read/accessProjection.js';
import { oneAccount } from './administrators.js';

/** Whoever a request comes from. */
export interface Identity {
  readonly account: AccountId;
  readonly tokenId: string;
  readonly holder: Holder;
  /** What this token allows at this moment. */
  readonly roles: readonly Role[];
}

export type Authentication =
  | { readonly kind: 'known'; readonly identity: Identity }
  | {
      readonly kind: 'refused';
      readonly reason: LoginFailure;
      readonly account?: AccountId;
      readonly tokenId?: string;
    };

export interface Authenticator {
  /** Whose token is it, and what does it allow now? @throws WaybillError `store-unavailable` */
  authenticate(token: string | undefined): Promise<Authentication>;
  /** An account was changed here: until the read model knows, its tokens are judged by the log. */
  changed(account: AccountId, position: bigint): Promise<void>;
}

const UNSEEN = 'this token was not used here while it was there, so nobody can tell whether it still holds.';

export function authenticator(options: {
  readonly store: EventStore;
  readonly reader: AccessReader;
  readonly clock: Clock;
  /** Resolves when the read model holds everything up to the position; rejects when it takes too long. */
  readonly whenProcessed: (position: bigint) => Promise<void>;
  /** Is the event store out of reach? Then only tokens are let in that were let in while it was there: of the others nobody knows. */
  readonly isAway: () => boolean;
  /** Why the read model no longer follows the log; then nobody is let in on what it says. */
  readonly fault: () => string | undefined;
}): Authenticator {
  const { store, reader, clock, whenProcessed, isAway, fault } = options;
  const ahead = new Map<AccountId, bigint>();
  const seen = new Set<string>();

  async function rolesOf(entry: TokenEntry): Promise<{ revoked: boolean; roles: readonly Role[] }> {
    if (!ahead.has(entry.account))
      return { revoked: entry.revoked, roles: effectiveRoles({ roles: reader.rolesOf(entry.account) }, entry) };
    const account = await oneAccount(store, entry.account);
    const token = account.tokens.find(({ tokenId }) => tokenId === entry.tokenId);
    return { revoked: token?.revoked ?? true, roles: effectiveRoles(account, entry) };
  }

  async function judge(token: string | undefined): Promise<Authentication> {
    if (token === undefined) return { kind: 'refused', reason: 'missing' };
    const hash = tokenHash(token);
    const entry = isToken(token) ? reader.tokenByHash(hash) : undefined;
    if (entry === undefined || !sameHash(entry.hash, hash)) return { kind: 'refused', reason: 'unknown' };
    const { account, tokenId, holder } = entry;
    const { revoked, roles } = await rolesOf(entry);
    if (revoked) return { kind: 'refused', reason: 'revoked', account, tokenId };
    if (hasExpired(entry, clock.now())) return { kind: 'refused', reason: 'expired', account, tokenId };
    return { kind: 'known', identity: { account, tokenId, holder, roles } };
  }

  return {
    async authenticate(token) {
      const reason = fault();
      if (reason !== undefined) throw new WaybillError('store-unavailable', { reason });
      const found = await judge(token);
      if (!isAway()) {
        if (found.kind === 'known') seen.add(found.identity.tokenId);
        return found;
      }
      // A refusal could not be recorded, so nobody is told whether it would be one.
      if (found.kind === 'known' && seen.has(found.identity.tokenId)) return found;
      throw new WaybillError('store-unavailable', { reason: UNSEEN });
    },
    async changed(account, position) {
      if (position > (ahead.get(account) ?? -1n)) ahead.set(account, position);
      try {
        await whenProcessed(position);
      } catch {
        // The read model lags or has failed, which it reports itself; the log goes on answering for this account.
        return;
      }
      if (ahead.get(account) === position) ahead.delete(account);
    },
  };
}
