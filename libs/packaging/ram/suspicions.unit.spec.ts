import { describe, expect, test } from 'vitest';
import { holdsCredentials, holdsSecret, loopbackAlone, loopbackIn, namesSecret } from './suspicions.js';

describe('what looks suspicious', () => {
  test.each([
    ['jdbc:mysql://127.0.0.1:3306/x', '127.0.0.1:3306'],
    ['localhost:6379', 'localhost:6379'],
    ['a,b@LOCALHOST:1', 'LOCALHOST:1'],
    ['127.0.0.1', undefined],
    ['10.127.0.0.1:80', undefined],
    ['mylocalhost:80', undefined],
    ['0.0.0.0:80', undefined],
    ['db:3306', undefined],
  ])('the loopback address in %j is %j', (text, found) => {
    expect(loopbackIn(text)).toBe(found);
  });

  test.each([
    ['127.0.0.1', '127.0.0.1'],
    [' localhost ', 'localhost'],
    ['http://localhost/api', 'localhost'],
    ['amqp://guest@127.0.0.1', '127.0.0.1'],
    ['localhost.example', undefined],
    ['server_name localhost;', undefined],
    ['db', undefined],
  ])('%j is nothing but the address %j', (text, found) => {
    expect(loopbackAlone(text)).toBe(found);
  });

  test.each([
    ['postgres://shop:hunter2@db:5432/shop', true],
    ['redis://:hunter2@cache', true],
    ['mysqld --password=hunter2', true],
    ["run --api-key 'hunter2'", true],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII', true],
    ['-----BEGIN PRIVATE KEY-----', true],
    ['postgres://shop:${DB_PASSWORD}@db/shop', false],
    ['postgres://shop:**None:db**@db/shop', false],
    ['postgres://shop@db:5432/shop', false],
    ['run --password $DB_PASSWORD', false],
    ['run --password-file /run/secrets/x', false],
    ['-----BEGIN CERTIFICATE-----', false],
  ])('%j holds credentials in clear: %s', (text, found) => {
    expect(holdsCredentials(text)).toBe(found);
  });

  test.each([
    ['MYSQL_PASS', 'admin', true],
    ['MYSQL_ROOT_PASSWORD', 'x', true],
    ['dbPassword', 'x', true],
    ['API_KEY', 'x', true],
    ['ACCESS_TOKEN', 'x', true],
    ['JWT_SECRET', 'x', true],
    ['apiKey', 'x', true],
    ['MYSQL_PASS', '', false],
    ['MYSQL_PASS', '${OTHER}', false],
    ['USE_TOKEN', 'true', false],
    ['PASSWORD_FILE', '/run/secrets/x', false],
    ['KEYBOARD', 'us', false],
    ['BYPASS', 'x', false],
    ['MONKEY', 'x', false],
    ['LOG_LEVEL', 'info', false],
  ])('the variable %s with the value %j: a secret in clear is %s', (name, value, secret) => {
    expect(namesSecret(name, value)).toBe(secret);
  });

  test.each([
    ['user=root\npassword=hunter2\n', true],
    ['  "db_password": "x"', true],
    ['spring.datasource.password: x', true],
    ['password=\nuser=x', false],
    ['# how to set a password\nport=1', false],
    ['max_connections=100', false],
  ])('the file %j: a secret in clear is %s', (content, secret) => {
    expect(holdsSecret(content)).toBe(secret);
  });

  test('a long word does not take time by its square', () => {
    const started = performance.now();
    expect(holdsSecret('secret'.repeat(500_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
