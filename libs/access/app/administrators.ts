import { readStream, type EventStore } from '@waybill/event-store';
import type { AccountId, Instant } from '@waybill/kernel';
import { evolveAccount, isAdministrator, noAccount, type Account } from '../domain/account.js';
import { ACCOUNT_STREAMS, accountStream } from '../domain/accountName.js';
import { accountSerde } from '../domain/serde.js';

/** Every account, folded from the log itself: for rules that must not depend on how far a read model has come. */
export async function allAccounts(store: EventStore): Promise<ReadonlyMap<AccountId, Account>> {
  const accounts = new Map<AccountId, Account>();
  for await (const stored of store.readAll(undefined, { prefixes: [ACCOUNT_STREAMS] })) {
    const event = accountSerde.decode(stored);
    const id = event.data.account;
    accounts.set(id, evolveAccount(accounts.get(id) ?? noAccount, event));
  }
  return accounts;
}

export async function oneAccount(store: EventStore, id: AccountId): Promise<Account> {
  let account = noAccount;
  for await (const { event } of readStream(store, accountSerde, accountStream(id)))
    account = evolveAccount(account, event);
  return account;
}

export const hasAdministrator = (
  accounts: ReadonlyMap<AccountId, Account>,
  now: Instant,
  options: { readonly beside?: AccountId } = {},
): boolean => [...accounts].some(([id, account]) => id !== options.beside && isAdministrator(account, now));
