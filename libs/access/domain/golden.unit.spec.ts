import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '@waybill/event-store';
import type { CanonicalValue, EventId } from '@waybill/kernel';
import { evolveAccount, noAccount, type Account } from './account.js';
import { accountSerde, securitySerde } from './serde.js';

const folder = join(import.meta.dirname, 'golden');
const shipped = readdirSync(folder).map((file) => file.replace(/\.json$/, ''));

const stored = (type: string): StoredEvent => ({
  id: '00000000-0000-4000-8000-000000000001' as EventId,
  ...(JSON.parse(readFileSync(join(folder, `${type}.json`), 'utf8')) as { type: string; data: CanonicalValue }),
  metadata: {},
  stream: 'account-maria',
  revision: 0n,
  position: 0n,
});

describe('every event of access that was ever written', () => {
  it.each(shipped)('%s is still read as it was meant', (type) => {
    const serde = accountSerde.knows(type) ? accountSerde : securitySerde;
    const event = serde.decode(stored(type));
    expect(event).toEqual({ type: type.replace(/\.v\d+$/, ''), data: stored(type).data });
  });

  it('has a golden file for each type that is written now', () => {
    expect(shipped).toEqual(expect.arrayContaining([...accountSerde.types, ...securitySerde.types]));
  });

  it('folds into the account they tell of', () => {
    const types = ['role-granted.v1', 'token-issued.v1', 'token-revoked.v1', 'role-revoked.v1'];
    const account = types.reduce<Account>(
      (folded, type) => evolveAccount(folded, accountSerde.decode(stored(type))),
      noAccount,
    );
    expect(account).toEqual({
      exists: true,
      roles: ['operator'],
      tokens: [
        {
          account: 'maria',
          tokenId: '5e8f1c9a-7d3b-5a44-8f21-0c6d2b9e4a10',
          hash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          roles: ['approver', 'operator'],
          holder: 'person',
          label: 'laptop',
          expiresAt: '2027-01-01T00:00:00.000Z',
          revoked: true,
        },
      ],
    });
  });

  it('is refused when a right could be read into damaged data', () => {
    const damaged = {
      ...stored('token-issued.v1'),
      data: { account: 'maria', tokenId: 'x', hash: 'y', holder: 'person' },
    };
    expect(() => accountSerde.decode(damaged)).toThrow('it has no list "roles".');
  });
});
