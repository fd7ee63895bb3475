import type { Projection, SqlDatabase } from '@waybill/event-store';
import type { AccountId, Instant } from '@waybill/kernel';
import type { AccountEvent, Holder } from '../domain/accountEvents.js';
import { ACCOUNT_STREAMS } from '../domain/accountName.js';
import { accountSerde } from '../domain/serde.js';
import type { Role } from '../domain/role.js';

export interface TokenEntry {
  readonly account: AccountId;
  readonly tokenId: string;
  readonly hash: string;
  readonly roles: readonly Role[];
  readonly holder: Holder;
  readonly label?: string;
  readonly issuedAt: Instant;
  readonly expiresAt?: Instant;
  readonly revoked: boolean;
  readonly revokedAt?: Instant;
}

export interface AccountEntry {
  readonly account: AccountId;
  readonly roles: readonly Role[];
  readonly tokens: number;
}

/** Accounts and tokens as a table: found by hash at every request. */
export const accessProjection: Projection = {
  name: 'access',
  version: 1,
  filter: { prefixes: [ACCOUNT_STREAMS] },
  init(db) {
    db.exec(`
      CREATE TABLE access_tokens (
        hash TEXT PRIMARY KEY, token_id TEXT NOT NULL, account TEXT NOT NULL, roles TEXT NOT NULL, holder TEXT NOT NULL, label TEXT,
        issued_at TEXT NOT NULL, expires_at TEXT, revoked_at TEXT
      ) STRICT;
      CREATE INDEX access_tokens_by_account ON access_tokens (account, token_id);
      CREATE TABLE access_roles (account TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (account, role)) STRICT;
    `);
  },
  apply(db, stored) {
    const { event, metadata } = accountSerde.record(stored);
    applyTo(db, event, metadata.recordedAt);
  },
};

function applyTo(db: SqlDatabase, event: AccountEvent, at: Instant): void {
  switch (event.type) {
    case 'token-issued': {
      const { hash, tokenId, account, roles, holder, label, expiresAt } = event.data;
      db.run(
        'INSERT OR REPLACE INTO access_tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)',
        hash,
        tokenId,
        account,
        JSON.stringify(roles),
        holder,
        label ?? null,
        at,
        expiresAt ?? null,
      );
      return;
    }
    case 'token-revoked':
      db.run(
        'UPDATE access_tokens SET revoked_at = ? WHERE account = ? AND token_id = ?',
        at,
        event.data.account,
        event.data.tokenId,
      );
      return;
    case 'role-granted':
      db.run('INSERT OR IGNORE INTO access_roles VALUES (?, ?)', event.data.account, event.data.role);
      return;
    case 'role-revoked':
      db.run('DELETE FROM access_roles WHERE account = ? AND role = ?', event.data.account, event.data.role);
      return;
  }
}

/** Reads what the projection holds; answers are as old as the read model. */
export interface AccessReader {
  tokenByHash(hash: string): TokenEntry | undefined;
  rolesOf(account: AccountId): readonly Role[];
  /** Sorted by account, then by id. */
  tokens(): readonly TokenEntry[];
  /** Sorted by name. */
  accounts(): readonly AccountEntry[];
}

interface TokenRow {
  readonly hash: string;
  readonly token_id: string;
  readonly account: string;
  readonly roles: string;
  readonly holder: string;
  readonly label: string | null;
  readonly issued_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
}

export function accessReader(db: SqlDatabase): AccessReader {
  const rolesOf = (account: AccountId) =>
    db
      .all<{ role: Role }>('SELECT role FROM access_roles WHERE account = ? ORDER BY role', account)
      .map(({ role }) => role);
  return {
    rolesOf,
    tokenByHash(hash) {
      const row = db.get<TokenRow>('SELECT * FROM access_tokens WHERE hash = ?', hash);
      return row === undefined ? undefined : entryOf(row);
    },
    tokens: () => db.all<TokenRow>('SELECT * FROM access_tokens ORDER BY account, token_id').map(entryOf),
    accounts: () =>
      db
        .all<{
          account: AccountId;
          tokens: number;
        }>('SELECT account, count(*) AS tokens FROM access_tokens GROUP BY account ORDER BY account')
        .map(({ account, tokens }) => ({ account, tokens, roles: rolesOf(account) })),
  };
}

const entryOf = (row: TokenRow): TokenEntry => ({
  account: row.account as AccountId,
  tokenId: row.token_id,
  hash: row.hash,
  roles: JSON.parse(row.roles) as readonly Role[],
  holder: row.holder as Holder,
  ...(row.label === null ? {} : { label: row.label }),
  issuedAt: row.issued_at,
  ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  revoked: row.revoked_at !== null,
  ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at }),
});
