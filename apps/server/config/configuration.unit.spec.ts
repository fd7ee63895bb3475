import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isWaybillError } from '@waybill/kernel';
import { printableConfiguration, readConfiguration } from './configuration.js';

const refusal = (env: Record<string, string>) => {
  try {
    readConfiguration(env, '/srv');
    return 'accepted';
  } catch (error) {
    return isWaybillError(error) ? `${error.code}: ${error.message}` : error;
  }
};

describe('the configuration of the server', () => {
  it('has a default for every setting', () => {
    expect(readConfiguration({}, '/srv')).toEqual({
      data: '/srv/.waybill',
      role: 'all',
      content: { folder: '/srv/.waybill/content', shared: false },
      leaseMs: 15_000,
      engineTimeoutMs: 30_000,
      listen: { host: '127.0.0.1', port: 8470 },
      eventStore: { kind: 'embedded', file: '/srv/.waybill/events.db' },
      runtime: 'docker',
      dockerConfig: join(homedir(), '.docker'),
      plainRegistries: [],
      secretKeyFile: '/srv/.waybill/secret-key',
      signingKeyFile: '/srv/.waybill/signing-key',
      publisher: hostname(),
      networkPool: '10.213.0.0/16',
      importRoots: ['/srv/.waybill/incoming', '/media', '/mnt'],
      logLevel: 'info',
    });
  });

  it('takes every setting from the environment', () => {
    const env = {
      WAYBILL_DATA: '/var/lib/waybill',
      WAYBILL_ROLE: 'worker',
      WAYBILL_CONTENT: '/shared/content',
      WAYBILL_LEASE: '5',
      WAYBILL_ENGINE_TIMEOUT: '20',
      WAYBILL_LISTEN: '[::1]:0',
      DOCKER_HOST: 'unix:///run/other.sock',
      WAYBILL_RUNTIME: 'docker',
      DOCKER_CONFIG: '/etc/waybill/docker',
      WAYBILL_PLAIN_REGISTRIES: 'registry.shop:5000, old.shop',
      WAYBILL_SECRET_KEY: 'keys/secret',
      WAYBILL_SIGNING_KEY: 'keys/signing',
      WAYBILL_PUBLISHER: 'Shop & Co.',
      WAYBILL_NETWORK_POOL: '172.30.0.0/20',
      WAYBILL_IMPORT_ROOTS: '/a:b',
      WAYBILL_LOG_LEVEL: 'debug',
    };
    expect(readConfiguration(env, '/srv')).toEqual({
      data: '/var/lib/waybill',
      role: 'worker',
      content: { folder: '/shared/content', shared: true },
      leaseMs: 5_000,
      engineTimeoutMs: 20_000,
      listen: { host: '::1', port: 0 },
      eventStore: { kind: 'embedded', file: '/var/lib/waybill/events.db' },
      dockerHost: 'unix:///run/other.sock',
      runtime: 'docker',
      dockerConfig: '/etc/waybill/docker',
      plainRegistries: ['registry.shop:5000', 'old.shop'],
      secretKeyFile: '/srv/keys/secret',
      signingKeyFile: '/srv/keys/signing',
      publisher: 'Shop & Co.',
      networkPool: '172.30.0.0/20',
      importRoots: ['/a', '/srv/b'],
      logLevel: 'debug',
    });
  });

  it('takes the role from ROLE too, where WAYBILL_ROLE says nothing', () => {
    expect(readConfiguration({ ROLE: 'api' }, '/srv').role).toBe('api');
    expect(readConfiguration({ ROLE: 'api', WAYBILL_ROLE: 'worker' }, '/srv').role).toBe('worker');
  });

  it.each([
    [{ WAYBILL_LISTEN: '8470' }, 'WAYBILL_LISTEN is not valid: "8470" is not an address and a port'],
    [{ WAYBILL_LISTEN: '127.0.0.1:70000' }, 'WAYBILL_LISTEN is not valid'],
    [{ WAYBILL_EVENTSTORE: 'esdb://u:p@db:2113?tsl=false' }, 'WAYBILL_EVENTSTORE is not valid: the option "tsl"'],
    [{ WAYBILL_EVENTSTORE: 'esdb://u:p@db:2113', DEBUG: 'esdb:*' }, 'DEBUG is not valid: with this value'],
    [{ WAYBILL_EVENTSTORE: 'esdb://u:p@db:2113', DEBUG: 'express:*,*' }, 'DEBUG is not valid: with this value'],
    [{ WAYBILL_EVENTSTORE: 'postgres://db' }, 'an address with postgres is not known'],
    [{ WAYBILL_ROLE: 'boss' }, 'WAYBILL_ROLE is not valid: "boss" is not one of all, api, worker'],
    [{ WAYBILL_LEASE: '2' }, 'is not a whole number of seconds between 3 and 300'],
    [{ WAYBILL_ENGINE_TIMEOUT: '1m' }, '"1m" is not a whole number of seconds'],
    [{ WAYBILL_RUNTIME: 'podman' }, 'WAYBILL_RUNTIME is not valid: "podman"'],
    [{ DOCKER_HOST: 'docker' }, 'DOCKER_HOST is not valid'],
    [{ WAYBILL_NETWORK_POOL: '10.0.0.1/16' }, 'has bits set behind its prefix'],
    [{ WAYBILL_NETWORK_POOL: '10.0.0.0/26' }, 'between /8 and /25'],
    [{ WAYBILL_NETWORK_POOL: 'ten' }, 'is not an IPv4 network'],
    [{ WAYBILL_IMPORT_ROOTS: '/' }, 'the root folder'],
    [{ WAYBILL_PLAIN_REGISTRIES: 'http://registry.shop' }, '"http://registry.shop" is no host or host:port'],
    [{ WAYBILL_LOG_LEVEL: 'loud' }, 'WAYBILL_LOG_LEVEL is not valid: "loud"'],
  ])('refuses %o with one sentence', (env, sentence) => {
    expect(refusal(env)).toContain('configuration-invalid: ');
    expect(refusal(env)).toContain(sentence);
  });

  it('takes an EventStoreDB for the events', () => {
    const connectionString = 'esdb://db.internal:2113?tls=false';
    expect(readConfiguration({ WAYBILL_EVENTSTORE: connectionString, DEBUG: 'express:*' }, '/srv').eventStore).toEqual({
      kind: 'eventstoredb',
      address: { connectionString, printable: connectionString },
    });
  });

  it('never repeats credentials that stood in an address', () => {
    expect(refusal({ WAYBILL_EVENTSTORE: 'esdb://user:hunter2@db:2113?tls=false' })).not.toContain('hunter2');
    const env = { DOCKER_HOST: 'tcp://me:hunter2@host:1', WAYBILL_EVENTSTORE: 'esdb://me:hunter2@db:2113' };
    const printed = printableConfiguration(readConfiguration(env, '/srv'));
    expect(printed['DOCKER_HOST']).toBe('tcp://***@host:1');
    expect(printed['WAYBILL_EVENTSTORE']).toBe('esdb://me:***@db:2113');
  });
});
