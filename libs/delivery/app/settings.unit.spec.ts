import { isWaybillError, sha256, type CanonicalValue, type ComponentKey } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { component, env, manifest } from '../testing/manifests.js';
import { findComponent } from './addressItem.js';
import { parseSetting, type Settable } from './settings.js';

const shop = manifest('1.0', [
  component('k-web', {
    name: 'web',
    replicas: { initial: 1, min: 1, max: 4 },
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
  component('k-mail', { name: 'Mail Out', replicas: { initial: 1, min: 1, max: 5_000 } }),
  component('k-tick', { name: 'tick', workload: { kind: 'cron' } }),
  component('k-store', {
    name: 'store',
    workload: { kind: 'stateful' },
    replicas: { initial: 1, min: 1, max: 4 },
  }),
]);
const parse = (item: string, value: string | null, secret?: boolean, known: Partial<Settable> = {}) =>
  parseSetting({ item, value, ...(secret === undefined ? {} : { secret }) }, { manifest: shop, ...known });
const target = { component: 'k-web' as ComponentKey };

describe('a setting as a person writes it', () => {
  it('names the component by key or name', () => {
    expect(parse('web/env/LOG_LEVEL', 'warn')).toEqual({ ...target, path: 'env/LOG_LEVEL', value: { text: 'warn' } });
    expect(parse('k-web/env/LOG_LEVEL', 'warn')).toEqual({ ...target, path: 'env/LOG_LEVEL', value: { text: 'warn' } });
    expect(parse('数据库/env/NEW', 'a=b/c')).toEqual({ component: 'k-db', path: 'env/NEW', value: { text: 'a=b/c' } });
  });
  it('names it as all else will show it, before anything is installed too', () => {
    const mail = { component: 'k-mail', path: 'env/NEW', value: { text: 'x' } };
    for (const name of ['mail-out', 'Mail Out', 'k-mail']) expect(parse(`${name}/env/NEW`, 'x')).toEqual(mail);
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
  it('publishes a port anywhere, or not at all', () =>
    expect([parse('web/publish/80', 'auto').value, parse('web/publish/80', 'none').value]).toEqual([true, false]));
  it('keeps sealed what was sealed once, whatever the next value is called', () => {
    const waiting = (value: CanonicalValue) => ({
      waiting: { 'k-web/env/LOG_LEVEL': { ...target, path: 'env/LOG_LEVEL', value, revision: 3 } },
    });
    const sealed = parse('web/env/LOG_LEVEL', 'p', undefined, waiting({ secret: 'k-web/LOG_LEVEL' }));
    expect(sealed.secret).toEqual({ name: 'k-web/LOG_LEVEL', text: 'p' });
    expect(parse('web/env/LOG_LEVEL', 'p', undefined, waiting(null)).value).toEqual({ text: 'p' });
  });

  const refusal = (item: string, value: string | null, secret?: boolean): string => {
    try {
      parse(item, value, secret);
    } catch (error) {
      return isWaybillError(error) ? `${error.code}: ${error.message}` : String(error);
    }
    return 'was taken';
  };
  it.each<[string, string | null, string]>([
    ['web', 'x', 'it is written <component>/<path>, such as web/env/LOG_LEVEL.'],
    ['/env/A', 'x', 'it is written <component>/<path>'],
    ['web/', 'x', 'it is written <component>/<path>'],
    ['web/image', 'x', 'a site sets env/NAME, file/PATH, publish/PORT, schedule, endpoints, memory, cpu and replicas'],
    ['web/env', 'x', 'a site sets env/NAME'],
    ['web/env/', 'x', 'a site sets env/NAME'],
    ['web/memory/x', '1', 'a site sets env/NAME'],
    ['web/env/A B', 'x', 'this is no name of an environment variable.'],
    ['web/env/A', 'a\0b', 'no process can be given a value with a NUL in it.'],
    ['web/env/A', '\ud800', 'its value is no Unicode text.'],
    ['web/env/DB_HOST', 'x', 'it is computed from a port.'],
    ['web/env/FIXED', 'x', 'the template says that a site may not change it (is_change: false).'],
    ['k-tick/schedule', '0 0 31 2 *', '"0 0 31 2 *" names a time that never comes; to keep it from running say never.'],
    ['web/memory', '-1', 'a whole number of MiB from 6 to 16777216, or 0 for no limit, is expected, not "-1".'],
    ['web/memory', '5', 'a whole number of MiB from 6'],
    ['web/cpu', '1.5', 'a whole number of millicores from 10 to 16777216, or 0 for no limit, is expected, not "1.5".'],
    ['web/cpu', '', 'not "".'],
    ['web/replicas', '0', 'the template allows a whole number from 1 to 4, not "0".'],
    ['web/replicas', '5', 'the template allows a whole number from 1 to 4, not "5".'],
    ['Mail Out/replicas', '62', 'the instance’s network has room for a whole number from 1 to 61, not "62".'],
    ['数据库/replicas', '2', 'the template says that there is never more than one of it.'],
    ['store/replicas', '2', 'a component of the kind stateful runs once.'],
    ['web/publish/80', '70000', 'a port of the host from 1 to 65535, auto or none is expected, not "70000".'],
    ['web/publish/81', '8081', 'the component has no such port; did you mean 80?'],
    ['数据库/publish/81', '8081', 'the component has no such port; it has none.'],
    ['web/file//etc/wbe.conf', 'x', 'the component has no configuration file there; did you mean /etc/web.conf?'],
    ['web/file//opt/x', 'x', 'the component has no configuration file there; there are /etc/web.conf.'],
    ['web/env/LOG_LEVL', null, 'there is no such setting to give back; did you mean env/LOG_LEVEL?'],
  ])('refuses %s = %o, and says: %s', (item, value, reason) => {
    expect(refusal(item, value)).toContain(`setting-not-allowed: "${item}" cannot be set: `);
    expect(refusal(item, value)).toContain(reason);
  });
  it('refuses to seal what is no environment value', () =>
    expect(refusal('web/memory', '64', true)).toContain('only environment values can be secret.'));
  it('says which components there are when it finds none, or which one was probably meant', () => {
    expect(refusal('nobody/env/A', 'x')).toBe(
      'component-not-found: There is no component "nobody"; there are web, shu-ju-ku, mail-out, tick, store.',
    );
    expect(refusal('wbe/env/A', 'x')).toBe(
      'component-not-found: There is no component "wbe"; did you mean web? There are web, shu-ju-ku, mail-out, tick, store.',
    );
    const many = Array.from({ length: 9 }, (_, i) => component(`web${i}`));
    expect(() => findComponent('webb0', many)).toThrow(/did you mean web0( or \S+)+\?$/);
  });
  it('asks which one is meant when two have the name', () => {
    const twins = [component('a', { name: 'web' }), component('b', { name: 'web' })];
    expect(() => findComponent('web', twins)).toThrow(expect.objectContaining({ code: 'item-ambiguous' }));
    expect(findComponent('b', twins).key).toBe('b');
  });
});
