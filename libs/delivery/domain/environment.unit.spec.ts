import { describe, expect, it } from 'vitest';
import { environmentOf } from '@waybill/packaging';
import { component, env, manifest, surroundings, target } from '../testing/manifests.js';
import { planUpgrade } from './planUpgrade.js';

function environments(components: Parameters<typeof manifest>[1], parts: Parameters<typeof manifest>[2] = {}) {
  const { desired } = planUpgrade(
    { target: target(manifest('1.0', components, parts)), settings: [], accept: new Set() },
    surroundings(),
  );
  if (desired === undefined) throw new Error('the plan desires nothing');
  return (key: string) => Object.fromEntries(environmentOf(desired.components[key]!, desired));
}

const db = component('db', {
  ports: [{ port: 3306, protocol: 'tcp', alias: 'MYSQL', published: false }],
  env: [
    env('MYSQL_HOST', '127.0.0.1', { scope: 'offered', port: 3306 }),
    env('MYSQL_PASS', '', { scope: 'offered', secret: {} }),
    env('MYSQL_USER', 'admin', { scope: 'offered' }),
    env('INNER', 'x'),
  ],
});
const secret = { parts: [{ secret: 'db/MYSQL_PASS', version: 1, fingerprint: 'print of db/MYSQL_PASS' }] };

describe('the environment of a component', () => {
  it('holds what its providers offer: host and port on the instance’s network, values, and the very same secret', () => {
    const of = environments([db, component('web', { dependencies: ['db'] })]);
    expect(of('web')).toEqual({
      MEMORY_SIZE: 'micro',
      MYSQL_HOST: 'db',
      MYSQL_PORT: '3306',
      MYSQL_USER: 'admin',
      MYSQL_PASS: secret,
    });
    expect(of('db')['MYSQL_PASS']).toEqual(secret);
  });

  it('reaches one hop, not two', () => {
    const of = environments([
      db,
      component('api', { dependencies: ['db'] }),
      component('web', { dependencies: ['api'] }),
    ]);
    expect(of('web')).not.toHaveProperty('MYSQL_HOST');
  });

  it('lets a component’s own value win over a provider’s, and a provider’s over a group’s', () => {
    const of = environments([db, component('web', { dependencies: ['db'], env: [env('MYSQL_USER', 'mine')] })], {
      configGroups: [
        {
          name: 'g',
          components: ['web'],
          items: [
            { name: 'MYSQL_USER', value: 'group' },
            { name: 'MYSQL_PORT', value: '1' },
            { name: 'REGION', value: 'north' },
          ],
        },
      ],
    });
    expect(of('web')).toMatchObject({ MYSQL_USER: 'mine', MYSQL_PORT: '3306', REGION: 'north' });
  });

  it('puts values into texts, defaults with colons too, and secrets without showing them', () => {
    const of = environments([
      db,
      component('web', {
        dependencies: ['db'],
        env: [
          env('URL', 'mysql://${MYSQL_USER}:${MYSQL_PASS}@${MYSQL_HOST}:${MYSQL_PORT}/x'),
          env('PROXY', '${NO_SUCH:http://p:8080/}'),
          env('LEFT', '${NO_SUCH}'),
        ],
      }),
    ]);
    expect(of('web')['URL']).toEqual({ parts: ['mysql://admin:', ...secret.parts, '@db:3306/x'] });
    expect(of('web')['PROXY']).toBe('http://p:8080/');
    expect(of('web')['LEFT']).toBe('${NO_SUCH}');
  });

  it('leaves values that refer to one another in a round as they stand', () => {
    const of = environments([component('web', { env: [env('A', '${B}'), env('B', '${A}')] })]);
    expect(of('web')).toMatchObject({ A: '${A}', B: '${B}' });
  });

  it('tells the first port as the platform of the reference system does', () => {
    const ports = [9000, 80].map((port) => ({ port, protocol: 'http' as const, alias: `P${port}`, published: false }));
    expect(
      environments([component('web', { ports, resources: { memoryMiB: 2048, cpuMilli: 0 } })])('web'),
    ).toMatchObject({ PORT: '80', PROTOCOL: 'http', MEMORY_SIZE: '2xlarge' });
  });
});
