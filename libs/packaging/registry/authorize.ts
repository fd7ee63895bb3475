import { WaybillError } from '@waybill/kernel';
import type { Challenge } from './challenge.js';
import type { Credentials } from './credentials.js';
import { addressOf, send, unreachable, type Contact } from './send.js';
import { wholeBody } from './wholeBody.js';

const LARGEST_TOKEN = 1024 ** 2;

/**
 * What to show for reading one repository: the `Authorization` header. `undefined`: nothing is known that the registry could want.
 * @param base where the registry answered
 * @throws WaybillError `registry-denied` when whoever gives tokens gives none, `registry-unreachable`, `registry-insecure`
 */
export async function authorize(
  contact: Contact,
  base: URL,
  challenge: Challenge,
  repository: string,
  credentials: Credentials | undefined,
): Promise<string | undefined> {
  switch (challenge.kind) {
    case 'basic':
      return credentials?.kind === 'password' ? basic(credentials) : undefined;
    case 'bearer':
      return `Bearer ${await tokenFor(contact, base, challenge, repository, credentials)}`;
  }
}

async function tokenFor(
  contact: Contact,
  base: URL,
  { realm, service }: Extract<Challenge, { kind: 'bearer' }>,
  repository: string,
  credentials: Credentials | undefined,
): Promise<string> {
  const asked = new URLSearchParams({ scope: `repository:${repository}:pull` });
  if (service !== undefined) asked.set('service', service);
  const address = addressOf(contact, realm, base);
  if (address.protocol === 'http:' && base.protocol === 'https:')
    throw new WaybillError('registry-insecure', { registry: contact.registry, host: address.host });
  const response = await (credentials?.kind === 'identity'
    ? exchange(contact, address, asked, credentials.token)
    : request(contact, address, asked, credentials));
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel();
    throw new WaybillError('registry-denied', { registry: contact.registry, image: repository });
  }
  const token = response.ok ? tokenIn(await wholeBody(contact, response, LARGEST_TOKEN, 'its token')) : undefined;
  if (token === undefined) throw unreachable(contact, `${address.host} gave no token (HTTP ${response.status})`);
  return token;
}

const exchange = (contact: Contact, address: URL, asked: URLSearchParams, token: string): Promise<Response> => {
  const body = new URLSearchParams(asked);
  for (const [name, value] of Object.entries({
    grant_type: 'refresh_token',
    client_id: 'waybill',
    refresh_token: token,
  }))
    body.set(name, value);
  return send(contact, address, { method: 'POST', body });
};

const request = (
  contact: Contact,
  address: URL,
  asked: URLSearchParams,
  credentials: Extract<Credentials, { kind: 'password' }> | undefined,
): Promise<Response> => {
  const full = new URL(address);
  for (const [name, value] of asked) full.searchParams.set(name, value);
  return send(contact, full, { authorization: credentials && basic(credentials) });
};

const basic = ({ user, password }: Extract<Credentials, { kind: 'password' }>): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** The answer is not quoted when it is something else: a token may stand in it. */
function tokenIn(bytes: Uint8Array): string | undefined {
  try {
    const { token, access_token: access } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>;
    const found = token ?? access;
    return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
