import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { storeAddress } from './connectionString.js';

let folder: string;
let certificate: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-address-'));
  certificate = join(folder, 'ca.crt');
  writeFileSync(certificate, 'certificate');
});
afterAll(() => rmSync(folder, { recursive: true }));

const refusal = (text: string) => {
  try {
    return storeAddress(text);
  } catch (error) {
    return isWaybillError(error) ? error : error;
  }
};

describe('the connection string of an EventStoreDB', () => {
  it('may be without TLS', () => {
    const text = 'esdb://127.0.0.1:2113?tls=false';
    expect(storeAddress(text)).toStrictEqual({ connectionString: text, printable: text });
  });

  it('keeps its password to itself', () => {
    const text = `esdb+discover://waybill:p%40ss%3A1@store.internal?tlsCAFile=${certificate}&keepAliveInterval=-1`;
    expect(storeAddress(` ${text}\n`)).toStrictEqual({
      connectionString: text,
      credentials: { username: 'waybill', password: 'p@ss:1' },
      printable: `esdb+discover://waybill:***@store.internal?tlsCAFile=${certificate}&keepAliveInterval=-1`,
    });
  });

  it('may list the nodes of a cluster', () => {
    const text = 'esdb://u:p@a.internal:2113,b.internal:2113,c.internal';
    expect(storeAddress(text).printable).toBe('esdb://u:***@a.internal:2113,b.internal:2113,c.internal');
  });

  it.each([
    ['esdb://h?tsl=false', 'the option "tsl" is not known'],
    ['esdb://h?TLS=false', 'the option "TLS" is not known'],
    ['esdb://h?__proto__=1', 'the option "__proto__" is not known'],
    ['esdb://h?tls', 'the option "tls" is not known'],
    ['esdb://h?tls=', 'the option "tls=" is not known'],
    ['esdb://h?tls=no', 'the option tls must be true or false'],
    ['esdb://h?tls=false&tls=true', 'the option tls occurs twice'],
    ['esdb://h?tls=false&defaultDeadline=10s', 'the option defaultDeadline must be a whole number'],
    ['esdb://h?tls=false&defaultDeadline=0', 'the option defaultDeadline must be a whole number'],
    ['esdb://h?tls=false&nodePreference=follower', 'the option nodePreference can only be leader'],
    ['esdb://h?tls=false&throwOnAppendFailure=false', 'the option throwOnAppendFailure can only be true'],
    ['esdb://u:p@h?tlsVerifyCert=false', 'the option tlsVerifyCert can only be true'],
    ['esdb://u:p@h?tlsCAFile=/nowhere/ca.crt', 'the option tlsCAFile must name a file that can be read'],
    ['esdb://h?tls=false&tlsCAFile=/', 'files of certificates have no effect'],
    ['esdb://u:secret@h?tls=false', 'user and password are not sent without TLS'],
    ['esdb://h', 'user and password are needed'],
    ['esdb://u:p:secret@h', 'a colon inside them is written as %3A'],
    ['esdb://u@h', 'user:password@ is expected'],
    ['esdb://u:%zz@h', 'percent-encoding'],
    ['esdb://u:sec/ret@h', 'is expected'],
    ['esdb://[::1]:2113?tls=false', 'is no host'],
    ['esdb://h:99999?tls=false', 'has no valid port'],
    ['esdb://?tls=false', 'is no host'],
    ['esdb+discover://u:p@a,b', 'esdb+discover takes one name'],
    ['kurrentdb://h?tls=false', 'is expected'],
    ['esdb:/h', 'is expected'],
  ])('%s is refused', (text, reason) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'configuration-invalid', details: { name: 'WAYBILL_EVENTSTORE' } });
    const { message } = error as Error;
    expect(message).toContain(reason);
    expect(message).not.toContain('secret');
  });
});
