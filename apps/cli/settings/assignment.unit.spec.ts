import { isWaybillError } from '@waybill/kernel';
import { describe, expect, it } from 'vitest';
import { envAssignment, envItem, fileAssignment, publishAssignment } from './assignment.js';

const codeOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return isWaybillError(error) ? `${error.code}: ${error.message}` : error;
  }
};

describe('an environment value on the command line', () => {
  it.each([
    ['web.LOG_LEVEL=debug', 'web/env/LOG_LEVEL', 'debug'],
    ['web.URL=http://db:3306/?a=b&c=d', 'web/env/URL', 'http://db:3306/?a=b&c=d'],
    ['web.EMPTY=', 'web/env/EMPTY', ''],
    ['my.web.app.LOG_LEVEL=a.b', 'my.web.app/env/LOG_LEVEL', 'a.b'],
    ['数据库 MySQL.TZ=Asia/Shanghai', '数据库 MySQL/env/TZ', 'Asia/Shanghai'],
    ['web/memory=256', 'web/memory', '256'],
    ['web/env/spring.profiles.active=prod', 'web/env/spring.profiles.active', 'prod'],
  ])('%s', (text, item, value) => {
    expect(envAssignment(text)).toEqual({ item, value });
  });

  it.each(['LOG_LEVEL=debug', 'web.LOG_LEVEL', '=debug', '.A=1', 'web.=1', ''])('refuses %o with its form', (text) => {
    expect(codeOf(() => envAssignment(text))).toMatch(/^invalid-request: .* is not of the form COMPONENT\.ENV=VALUE/);
  });

  it('is not repeated in a refusal, since it may be a secret', () => {
    expect(codeOf(() => envAssignment('PASS=hunter2'))).toBe(
      'invalid-request: The request is not valid: "PASS" is not of the form COMPONENT.ENV=VALUE, such as web.LOG_LEVEL=debug.',
    );
    expect(codeOf(() => envAssignment('=hunter2'))).not.toContain('hunter2');
  });

  it('is named without a value where it is given back', () => {
    expect(envItem('web.LOG_LEVEL')).toBe('web/env/LOG_LEVEL');
  });
});

describe('a published port on the command line', () => {
  it.each([
    ['web:80=8080', 'web/publish/80', '8080'],
    ['a:b:443=8443', 'a:b/publish/443', '8443'],
    ['web:80=auto', 'web/publish/80', 'auto'],
    ['web:80=none', 'web/publish/80', 'none'],
  ])('%s', (text, item, value) => {
    expect(publishAssignment(text)).toEqual({ item, value });
  });

  it.each(['web=80', 'web:80', 'web:80=', 'web:eighty=80', ':80=80', 'web:80=8080/tcp'])('refuses %o', (text) => {
    expect(codeOf(() => publishAssignment(text))).toMatch(/^invalid-request: .*COMPONENT:PORT=HOSTPORT/);
  });
});

describe('a configuration file on the command line', () => {
  it.each([
    ['db:/etc/my.cnf=./my.cnf', 'db/file//etc/my.cnf', './my.cnf'],
    ['a:b:/etc/x=C:/y=z', 'a:b/file//etc/x', 'C:/y=z'],
  ])('%s', (text, item, file) => {
    expect(fileAssignment(text)).toEqual({ item, file });
  });

  it.each(['db=/etc/my.cnf', 'db:/etc/my.cnf', 'db:/etc/my.cnf=', ':/etc/x=y', 'a=b:/etc/x'])('refuses %o', (text) => {
    expect(codeOf(() => fileAssignment(text))).toMatch(/^invalid-request: .*COMPONENT:\/path=FILE/);
  });
});
