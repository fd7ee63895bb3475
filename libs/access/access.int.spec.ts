import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readModels, type EventStore, type ReadModels, type StoredEvent } from '@waybill/event-store';
import { someContext, temporaryStore, type TemporaryStore } from '@waybill/event-store/testing';
import { countingIds, fixedClock, hasCode, type AccountId } from '@waybill/kernel';
import { openAccess, type Access } from './access.js';
import { firstAdministrator } from './app/firstAdministrator.js';
import { securityLog } from './app/securityLog.js';
import { accountId } from './domain/accountName.js';
import { accessProjection } from './read/accessProjection.js';
import { tokenHash } from './domain/token.js';

const codeOf = async (work: Promise<unknown>) => {
  try {
    await work;
    return 'accepted';
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

const counted = () => {
  let n = 0;
  return () => new Uint8Array(32).fill(++n);
};

const all = async (store: EventStore, prefix: string): Promise<readonly StoredEvent[]> => {
  const events: StoredEvent[] = [];
  for await (const event of store.readAll(undefined, { prefixes: [prefix] })) events.push(event);
  return events;
};

let temporary: TemporaryStore;
let models: ReadModels;
let access: Access;
const clock = fixedClock('2026-11-21T10:00:00.000Z');

beforeEach(async () => {
  temporary = await temporaryStore();
  models = await readModels({
    file: `${temporary.folder}/read.db`,
    store: temporary.store,
    projections: [accessProjection],
  });
  await models.start();
  access = openAccess({
    store: temporary.store,
    readModels: models,
    clock,
    ids: countingIds(),
    random: counted(),
    server: 'here',
  });
});

afterEach(async () => {
  await models.close();
  await temporary.remove();
});

const maria = accountId('maria');
const issue = (key: string, expiresAt?: string) =>
  access.accounts.issueToken({ account: maria, roles: ['operator'], holder: 'person', expiresAt }, someContext(key));

describe('a token', () => {
  it('lets its account in from the answer on', async () => {
    const { token, tokenId } = await issue('k1');
    expect(await access.authenticator.authenticate(token)).toEqual({
      kind: 'known',
      identity: { account: 'maria', tokenId, holder: 'person', roles: ['operator'] },
    });
  });

  it('is stored as a hash and nowhere else', async () => {
    const { token } = await issue('k1');
    const written = JSON.stringify((await all(temporary.store, '')).map(({ data, metadata }) => ({ data, metadata })));
    expect(written).toContain(tokenHash(token!));
    expect(written).not.toContain(token!);
  });

  it('is shown once: a repeated command issues no second one and tells no first one', async () => {
    const first = await issue('k1');
    const { token, ...rest } = first;
    expect(await issue('k1')).toEqual(rest);
    expect(access.reader.tokens()).toHaveLength(1);
    expect(token).toMatch(/^waybill_/);
  });

  it('is refused from the answer of its revocation on', async () => {
    const { token, tokenId } = await issue('k1');
    await access.accounts.revokeToken(maria, tokenId, someContext('k2'));
    expect(await access.authenticator.authenticate(token)).toEqual({
      kind: 'refused',
      reason: 'revoked',
      account: 'maria',
      tokenId,
    });
  });

  it('is refused after its end', async () => {
    const { token, tokenId } = await issue('k1', '2026-11-21T10:00:01.000Z');
    clock.advance(1_000);
    expect(await access.authenticator.authenticate(token)).toEqual({
      kind: 'refused',
      reason: 'expired',
      account: 'maria',
      tokenId,
    });
  });

  it('loses what its account loses', async () => {
    const { token } = await issue('k1');
    await access.accounts.revokeRole(maria, 'operator', someContext('k2'));
    expect(await access.authenticator.authenticate(token)).toMatchObject({ kind: 'known', identity: { roles: [] } });
  });

  it('gains nothing from roles it was not issued for', async () => {
    const { token } = await issue('k1');
    await access.accounts.grantRole(maria, 'admin', someContext('k2'));
    expect(await access.authenticator.authenticate(token)).toMatchObject({ identity: { roles: ['operator'] } });
  });

  it.each(['', 'x', `waybill_${'A'.repeat(43)}`])('is unknown when it is %j', async (text) => {
    expect(await access.authenticator.authenticate(text)).toEqual({ kind: 'refused', reason: 'unknown' });
  });
});

describe('a read model that lags', () => {
  it('is let in while the store is away when it was used before, and is refused otherwise until the store is back', async () => {
    let away = false;
    const { authenticator } = openAccess({
      store: temporary.store,
      readModels: models,
      clock,
      ids: countingIds(),
      random: counted(),
      server: 'here',
      isAway: () => away,
    });
    const [used, unused] = [await issue('k1'), await issue('k2')];
    const kind = async (token: string | undefined) => (await authenticator.authenticate(token)).kind;
    expect(await kind(used.token)).toBe('known');
    away = true;
    expect(await kind(used.token)).toBe('known');
    expect(await codeOf(kind(unused.token))).toBe('store-unavailable');
    away = false;
    expect(await kind(unused.token)).toBe('known');
    away = true;
    expect(await kind(unused.token)).toBe('known');
  });

  it('does not let a revoked token in', async () => {
    const { token, tokenId } = await issue('k1');
    // The read model stops following before the revocation is written.
    await models.close();
    const stale = await readModels({
      file: `${temporary.folder}/read.db`,
      store: temporary.store,
      projections: [accessProjection],
    });
    const behind = openAccess({
      store: temporary.store,
      readModels: { db: stale.db, status: () => [], whenProcessed: () => Promise.reject(new Error('late')) },
      clock,
      ids: countingIds(),
      random: counted(),
      server: 'here',
    });
    await behind.accounts.revokeToken(maria, tokenId, someContext('k2'));
    expect(stale.db.all('SELECT * FROM access_tokens WHERE revoked_at IS NOT NULL')).toEqual([]);
    expect(await behind.authenticator.authenticate(token)).toMatchObject({ kind: 'refused', reason: 'revoked' });
    await stale.close();
  });
});

describe('the first administrator', () => {
  const file = (content?: string) => {
    let text = content;
    return {
      read: () => Promise.resolve(text),
      write: (token: string) => {
        text = token;
        return Promise.resolve();
      },
      content: () => text,
    };
  };
  const start = (tokenFile: ReturnType<typeof file>) =>
    firstAdministrator({ store: temporary.store, clock, ids: countingIds(), random: counted(), file: tokenFile });

  it('gets a token at the first start, and none at the second', async () => {
    const tokenFile = file();
    const token = await start(tokenFile);
    expect(tokenFile.content()).toBe(token);
    expect(await start(tokenFile)).toBeUndefined();
    expect((await all(temporary.store, 'account-')).map(({ type }) => type)).toEqual([
      'role-granted.v1',
      'token-issued.v1',
    ]);
  });

  it('gets a new one when the file holds the token of another log', async () => {
    const tokenFile = file('waybill_of-another-log');
    const token = await start(tokenFile);
    expect(token).toBe(tokenFile.content());
    expect(token).not.toBe('waybill_of-another-log');
  });

  it('may remove the file: nobody gets in by its absence', async () => {
    await start(file());
    const gone = file();
    expect(await start(gone)).toBeUndefined();
    expect(gone.content()).toBeUndefined();
  });

  it('keeps the last way in, and may go when there is another', async () => {
    const token = await start(file());
    await models.whenProcessed(await temporary.store.head());
    const known = await access.authenticator.authenticate(token);
    if (known.kind !== 'known') throw new Error('the administrator is not known');
    const { account, tokenId } = known.identity;
    expect(await codeOf(access.accounts.revokeToken(account, tokenId, someContext('r1')))).toBe('last-administrator');
    await access.accounts.issueToken({ account: maria, roles: ['admin'], holder: 'person' }, someContext('k1'));
    const [first, second] = await Promise.allSettled([
      access.accounts.revokeToken(account, tokenId, someContext('r2')),
      access.accounts.revokeRole(maria, 'admin', someContext('r3')),
    ]);
    // Two administrators who remove each other at the same moment: one of them stays.
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
    expect(hasCode((second as PromiseRejectedResult).reason, 'last-administrator')).toBe(true);
  });
});

describe('the security log', () => {
  const denial = (path: string) =>
    access.securityLog.record(
      { type: 'login-failed', data: { reason: 'unknown', method: 'GET', path } },
      {
        actor: { id: 'anonymous' as AccountId, kind: 'token', role: 'none' },
        channel: 'api',
        correlationId: 'c-1',
        personal: { salt: 's', address: '10.0.0.1' },
      },
    );

  it('holds every denial of many at once, in the stream of the server and month', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, n) => denial(`/${n}`)));
    const events = await all(temporary.store, 'securitylog-');
    expect(new Set(events.map(({ stream }) => stream))).toEqual(new Set(['securitylog-here-202611']));
    expect(events.map(({ data }) => (data as { path: string }).path)).toEqual(
      Array.from({ length: 300 }, (_, n) => `/${n}`),
    );
  });

  it('answers store-unavailable when a denial cannot be stored, and goes on afterwards', async () => {
    let broken = true;
    const log = securityLog({
      store: {
        append: (...args) => (broken ? Promise.reject(new Error('gone')) : temporary.store.append(...args)),
      },
      clock,
      ids: countingIds(),
      server: 'here',
    });
    const record = () =>
      log.record(
        { type: 'login-failed', data: { reason: 'missing', method: 'GET', path: '/' } },
        { actor: { id: 'anonymous' as AccountId, kind: 'token', role: 'none' }, channel: 'api', correlationId: 'c' },
      );
    expect(await codeOf(record())).toBe('store-unavailable');
    broken = false;
    expect(await codeOf(record())).toBe('accepted');
    expect(await all(temporary.store, 'securitylog-')).toHaveLength(1);
  });
});
