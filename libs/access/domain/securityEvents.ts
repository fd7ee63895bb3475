import type { DomainEvent } from '@waybill/event-store';
import type { AccountId, Instant } from '@waybill/kernel';
import type { Role } from './role.js';

interface Attempt {
  readonly method: string;
  /** Without its query, control characters shown, cut to 256 characters. */
  readonly path: string;
}

/** Why a token was not accepted. */
export type LoginFailure = 'missing' | 'unknown' | 'revoked' | 'expired';

export type SecurityEvent =
  | DomainEvent<
      'access-denied',
      Attempt & {
        readonly account: AccountId;
        readonly tokenId: string;
        /** Any of these would have been enough. */
        readonly needed: readonly Role[];
      }
    >
  | DomainEvent<
      'login-failed',
      Attempt & {
        readonly reason: LoginFailure;
        /** Whose token it was, where it is known. */
        readonly account?: AccountId;
        readonly tokenId?: string;
      }
    >;

/** One stream per server and month, so that a stream has one writer and an end. */
export const securityStream = (server: string, now: Instant): string =>
  `securitylog-${server}-${now.slice(0, 4)}${now.slice(5, 7)}`;
