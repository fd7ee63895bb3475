import { serde } from '@waybill/event-store';
import type { CanonicalValue } from '@waybill/kernel';
import type { AccountEvent } from './accountEvents.js';
import type { SecurityEvent } from './securityEvents.js';

type Members = Readonly<Record<string, unknown>>;

/** A damaged account event must stop the reader: what it cannot read it must not take for a right. */
const withTexts =
  (...names: readonly string[]) =>
  (data: CanonicalValue): void => {
    const wrong = names.find((name) => typeof (data as Members | null)?.[name] !== 'string');
    if (wrong !== undefined) throw new TypeError(`it has no text "${wrong}".`);
  };

export const accountSerde = serde<AccountEvent>({
  'token-issued': {
    version: 1,
    validate: (data) => {
      withTexts('account', 'tokenId', 'hash', 'holder')(data);
      if (!Array.isArray((data as unknown as Members)['roles'])) throw new TypeError('it has no list "roles".');
    },
  },
  'token-revoked': { version: 1, validate: withTexts('account', 'tokenId') },
  'role-granted': { version: 1, validate: withTexts('account', 'role') },
  'role-revoked': { version: 1, validate: withTexts('account', 'role') },
});

export const securitySerde = serde<SecurityEvent>({
  'access-denied': { version: 1, validate: withTexts('account', 'tokenId', 'method', 'path') },
  'login-failed': { version: 1, validate: withTexts('reason', 'method', 'path') },
});
