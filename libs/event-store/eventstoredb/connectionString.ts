import { accessSync, constants } from 'node:fs';
import { WaybillError } from '@waybill/kernel';

/** A connection string that the client will read as it was meant. */
export interface StoreAddress {
  readonly connectionString: string;
  /** Absent without TLS, where the client would not send them. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Without the password: for logs and messages. */
  readonly printable: string;
}

type Check = (value: string) => string | undefined;

const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value) ? undefined : `must be ${allowed.join(' or ')}`;
const whole =
  (least: number): Check =>
  (value) =>
    /^-?\d{1,9}$/.test(value) && Number(value) >= least ? undefined : `must be a whole number from ${least}`;
const file: Check = (value) => {
  try {
    accessSync(decodeURIComponent(value), constants.R_OK);
    return undefined;
  } catch {
    return 'must name a file that can be read';
  }
};

/**
 * The options that have an effect. What the client only warns of, ignores or reads by halves (`10s`, a second host behind
 * `esdb+discover`, a password without TLS) is refused, because a store that is not the one that was meant costs more than a failed start.
 */
const options: Readonly<Record<string, Check>> = {
  tls: oneOf('true', 'false'),
  tlsCAFile: file,
  tlsVerifyCert: (value) =>
    value === 'true' ? undefined : 'can only be true: the client always verifies; use tlsCAFile',
  userCertFile: file,
  userKeyFile: file,
  connectionName: (value) => (isEncoded(value) ? undefined : 'is not valid percent-encoding'),
  defaultDeadline: whole(1),
  discoveryInterval: whole(1),
  gossipTimeout: whole(1),
  maxDiscoverAttempts: whole(1),
  keepAliveInterval: whole(-1),
  keepAliveTimeout: whole(-1),
  nodePreference: (value) =>
    value === 'leader' ? undefined : 'can only be leader: what was written must be read back at once',
  throwOnAppendFailure: (value) => (value === 'true' ? undefined : 'can only be true'),
};

/**
 * Checks `esdb://` and `esdb+discover://` connection strings.
 * @throws WaybillError `configuration-invalid` naming WAYBILL_EVENTSTORE and the option; never with the password
 */
export function storeAddress(text: string): StoreAddress {
  const groups =
    /^(?<scheme>esdb(?:\+discover)?):\/\/(?:(?<user>[^@/?]*)@)?(?<hosts>[^/?#@]*)\/*(?:\?(?<query>.*))?$/.exec(
      text.trim(),
    )?.groups;
  if (groups === undefined)
    throw invalid(
      'esdb://user:password@host:2113?option=value is expected; other signs than letters, digits and -._~ in user and password are written as %XX.',
    );
  const { scheme = '', user, hosts = '', query } = groups;
  checkHosts(scheme, hosts.split(','));
  const given = queryOf(query);
  const credentials = user === undefined ? undefined : credentialsOf(user);
  checkSecurity(given, credentials !== undefined);
  const shown = credentials === undefined ? '' : `${encodeURIComponent(credentials.username)}:***@`;
  return {
    connectionString: text.trim(),
    ...(credentials === undefined ? {} : { credentials }),
    printable: `${scheme}://${shown}${hosts}${query === undefined ? '' : `?${query}`}`,
  };
}

function checkHosts(scheme: string, hosts: readonly string[]): void {
  for (const host of hosts) {
    const port = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*)(?::(\d{1,5}))?$/.exec(host);
    if (port === null)
      throw invalid(`"${host}" is no host: a name or an IPv4 address is expected, with a port or without.`);
    if (Number(port[1] ?? 2113) > 65_535) throw invalid(`"${host}" has no valid port.`);
  }
  if (scheme === 'esdb+discover' && hosts.length > 1)
    throw invalid('esdb+discover takes one name; list several hosts with esdb://.');
}

function queryOf(query: string | undefined): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  if (query === undefined) return given;
  for (const pair of query.split('&')) {
    const [, name = '', value = ''] = /^([^=]*)=(.+)$/.exec(pair) ?? [];
    const check = Object.hasOwn(options, name) ? options[name] : undefined;
    if (check === undefined)
      throw invalid(
        `the option "${name === '' ? pair : name}" is not known; there are ${Object.keys(options).join(', ')}.`,
      );
    if (given.has(name)) throw invalid(`the option ${name} occurs twice.`);
    const wrong = /[\s?]/.test(value) ? 'holds signs that must be written as %XX' : check(value);
    if (wrong !== undefined) throw invalid(`the option ${name} ${wrong}.`);
    given.set(name, value);
  }
  return given;
}

function credentialsOf(user: string): NonNullable<StoreAddress['credentials']> {
  const [username, password, ...more] = user.split(':');
  if (username === undefined || username === '' || password === undefined || password === '' || more.length > 0)
    throw invalid('user:password@ is expected before the host; a colon inside them is written as %3A.');
  if (!isEncoded(username) || !isEncoded(password)) throw invalid('user or password is not valid percent-encoding.');
  return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

function checkSecurity(given: ReadonlyMap<string, string>, hasCredentials: boolean): void {
  const secured = given.get('tls') !== 'false';
  if (!secured && hasCredentials)
    throw invalid('user and password are not sent without TLS; leave them out, or leave out tls=false.');
  if (secured && !hasCredentials) throw invalid('with TLS, user and password are needed: esdb://user:password@host.');
  if (!secured && ['tlsCAFile', 'userCertFile', 'userKeyFile'].some((name) => given.has(name)))
    throw invalid('files of certificates have no effect with tls=false.');
  if (given.has('userCertFile') !== given.has('userKeyFile'))
    throw invalid('userCertFile and userKeyFile go together.');
}

const invalid = (reason: string) => new WaybillError('configuration-invalid', { name: 'WAYBILL_EVENTSTORE', reason });

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
