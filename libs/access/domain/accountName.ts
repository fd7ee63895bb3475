import { WaybillError, type AccountId } from '@waybill/kernel';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** The name of an account, which is its id. @throws WaybillError `invalid-name` */
export function accountId(text: string): AccountId {
  if (!NAME.test(text))
    throw new WaybillError('invalid-name', {
      name: text,
      reason: '1 to 63 lower-case letters, digits, dots, dashes or underscores, beginning with a letter or digit.',
    });
  return text as AccountId;
}

export const accountStream = (account: AccountId): string => `account-${account}`;

/** The prefix of all accounts' streams. */
export const ACCOUNT_STREAMS = 'account-';
