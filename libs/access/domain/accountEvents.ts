import type { DomainEvent } from '@waybill/event-store';
import type { AccountId, Instant } from '@waybill/kernel';
import type { Role } from './role.js';

/** Who holds a token: one person, or a program. */
export type Holder = 'person' | 'token';

export interface IssuedTokenData {
  readonly account: AccountId;
  readonly tokenId: string;
  /** SHA-256 of the token, 64 hex digits. The token itself is shown once and stored nowhere. */
  readonly hash: string;
  /** What the token may be used for, as far as the account has these roles. */
  readonly roles: readonly Role[];
  readonly holder: Holder;
  readonly label?: string;
  /** Absent: valid until it is revoked. */
  readonly expiresAt?: Instant;
}

export type AccountEvent =
  | DomainEvent<'token-issued', IssuedTokenData>
  | DomainEvent<'token-revoked', { readonly account: AccountId; readonly tokenId: string }>
  | DomainEvent<'role-granted', { readonly account: AccountId; readonly role: Role }>
  | DomainEvent<'role-revoked', { readonly account: AccountId; readonly role: Role }>;
