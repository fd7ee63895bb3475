import { sha256, type ComponentKey } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { component, env, manifest } from '../testing/manifests.js';
import { findComponent, parseSetting } from './settings.js';

const shop = manifest('1.0', [
  component('k-web', {
    name: 'web',
    env: [
      env('LOG_LEVEL', 'info'),
      env('FIXED', 'x', { editable: false }),
      env('DB_HOST', '', { port: 3306 }),
      env('PASS', '', { secret: {} }),
      env('SHARED', '', { secret: { group: 'db' } }),
    ],
    files: [{ name: 'conf', path: '/etc/web.conf', content: 'a', mode: 0o600 }],
    ports: [{ port: 80, protocol: 'http', alias: 'WEB', published: true }],
  }),
  component('k-db', { name: '数据库' }),
]);
const parse = (item: string, value: string | null, secret?: boolean) =>
  parseSetting({ item, value, ...(secret === undefined ? {} : { secret }) }, shop.components, shop, undefined);
const target = { component: 'k-web' as ComponentKey };

describe('a setting as a person writes it', () => {
  it('names the component by key or name', () => {
    expect(parse('web/env/LOG_LEVEL', 'warn')).toEqual({ ...target, path: 'env/LOG_LEVEL', value: { text: 'warn' } });
    expect(parse('k-web/env/LOG_LEVEL', 'warn')).toEqual({ ...target, path: 'env/LOG_LEVEL', value: { text: 'warn' } });
    expect(parse('数据库/env/NEW', 'a=b/c')).toEqual({ component: 'k-db', path: 'env/NEW', value: { text: 'a=b/c' } });
  });
  it('gives an item back to the template with null', () =>
    expect(parse('web/env/LOG_LEVEL', null)).toEqual({ ...target, path: 'env/LOG_LEVEL', value: null }));
  it('turns ports, memory, cpu and replicas into numbers', () => {
    expect(parse('web/publish/80', '8081').value).toEqual({ hostPort: 8081, protocol: 'tcp' });
    expect(
      [parse('web/memory', '0'), parse('web/cpu', '250'), parse('web/replicas', '3')].map(({ value }) => value),
    ).toEqual([0, 250, 3]);
  });
  it('keeps a file’s mode, and refers to its content by digest', () =>
    expect(parse('web/file//etc/web.conf', 'b')).toEqual({
      ...target,
      path: 'file//etc/web.conf',
      value: { document: sha256('b'), mode: 0o600 },
      file: { digest: sha256('b'), text: 'b' },
    }));
  it('seals a secret, whether the template or the person calls it one', () => {
    expect(parse('web/env/PASS', 'p')).toEqual({
      ...target,
      path: 'env/PASS',
      value: { secret: 'k-web/PASS' },
      secret: { name: 'k-web/PASS', text: 'p' },
    });
    expect(parse('web/env/SHARED', 'p').secret).toEqual({ name: 'group/db', text: 'p' });
    expect(parse('web/env/LOG_LEVEL', 'p', true).value).toEqual({ secret: 'k-web/LOG_LEVEL' });
  });
  it.each([
    ['web', 'x'],
    ['/env/A', 'x'],
    ['web/', 'x'],
    ['web/image', 'x'],
    ['web/env', 'x'],
    ['web/env/', 'x'],
    ['web/env/A B', 'x'],
    ['web/env/DB_HOST', 'x'],
    ['web/env/FIXED', 'x'],
    ['web/memory/x', '1'],
    ['web/memory', '-1'],
    ['web/cpu', '1.5'],
    ['web/replicas', '0'],
    ['web/publish/80', '70000'],
    ['web/publish/81', '8081'],
    ['web/file//etc/none', 'x'],
  ])('refuses %s = %s', (item, value) =>
    expect(() => parse(item, value)).toThrow(expect.objectContaining({ code: 'setting-not-allowed' })),
  );
  it('says which components there are when it finds none', () =>
    expect(() => parse('nobody/env/A', 'x')).toThrow(
      expect.objectContaining({
        code: 'component-not-found',
        details: { component: 'nobody', components: ['web', '数据库'] },
      }),
    ));
  it('asks which one is meant when two have the name', () => {
    const twins = [component('a', { name: 'web' }), component('b', { name: 'web' })];
    expect(() => findComponent('web', twins)).toThrow(expect.objectContaining({ code: 'item-ambiguous' }));
    expect(findComponent('b', twins).key).toBe('b');
  });
});
