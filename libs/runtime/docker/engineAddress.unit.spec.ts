import { describe, expect, test } from 'vitest';
import { addressText, engineAddress, isLocal } from './engineAddress.js';

describe('the address of the engine', () => {
  test.each([
    [undefined, {}, { kind: 'socket', path: '/var/run/docker.sock' }],
    ['', {}, { kind: 'socket', path: '/var/run/docker.sock' }],
    ['unix://', {}, { kind: 'socket', path: '/var/run/docker.sock' }],
    ['unix:///run/x/docker.sock', {}, { kind: 'socket', path: '/run/x/docker.sock' }],
    ['/run/x/docker.sock', {}, { kind: 'socket', path: '/run/x/docker.sock' }],
    [undefined, { DOCKER_HOST: 'tcp://10.0.0.1:2375' }, { kind: 'tcp', host: '10.0.0.1', port: 2375, tls: false }],
    ['tcp://10.0.0.1', {}, { kind: 'tcp', host: '10.0.0.1', port: 2375, tls: false }],
    ['engine:4000', {}, { kind: 'tcp', host: 'engine', port: 4000, tls: false }],
    ['tcp://engine', { DOCKER_TLS_VERIFY: '1' }, { kind: 'tcp', host: 'engine', port: 2376, tls: true }],
    ['tcp://engine:2376', {}, { kind: 'tcp', host: 'engine', port: 2376, tls: true }],
    ['https://engine:9000', {}, { kind: 'tcp', host: 'engine', port: 9000, tls: true }],
    ['tcp://[::1]:2375', {}, { kind: 'tcp', host: '::1', port: 2375, tls: false }],
  ])('%j with %j is read', (host, env, address) => {
    expect(engineAddress(host, env)).toEqual(address);
  });

  test.each(['ssh://engine', 'npipe:////./pipe/docker', 'tcp://', 'tcp://a b'])('%j is refused', (host) => {
    expect(() => engineAddress(host)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });

  test('is shown as it can be given', () => {
    for (const text of ['unix:///run/docker.sock', 'tcp://engine:2375', 'tcp://[::1]:2375']) {
      expect(addressText(engineAddress(text))).toBe(text);
    }
  });

  test('is local when the ports of this machine are its ports', () => {
    expect(
      ['/a.sock', 'tcp://127.0.0.1:1', 'tcp://[::1]:1', 'tcp://10.0.0.1:1'].map((a) => isLocal(engineAddress(a))),
    ).toEqual([true, true, true, false]);
  });
});
