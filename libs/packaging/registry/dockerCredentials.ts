import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import type { Credentials, FindCredentials } from './credentials.js';

/** Under this address Docker keeps what it shows Docker Hub. */
const DOCKER_HUB = 'https://index.docker.io/v1/';
const HELPER = { timeout: 30_000, maxBuffer: 1024 ** 2 };

type Json = Readonly<Record<string, unknown>>;

/**
 * What `docker login` left in a folder (`~/.docker`): `config.json` with `auths`, and the programs that its `credHelpers` and `credsStore` name
 * (`docker-credential-<name>` on the search path). Read anew for each call, since people log in while the server runs.
 */
export const dockerCredentials =
  (folder: string): FindCredentials =>
  async (registry) => {
    const unusable = (reason: string) => new WaybillError('registry-credentials-unusable', { registry, reason });
    const config = await configIn(folder, unusable);
    const address = registry === 'docker.io' ? DOCKER_HUB : registry;
    const helper = memberOf(config['credHelpers'])[address] ?? config['credsStore'];
    const helped =
      typeof helper === 'string' && helper !== '' ? await fromHelper(helper, address, unusable) : undefined;
    return helped ?? fromAuths(memberOf(config['auths']), hostOf(address), unusable);
  };

async function configIn(folder: string, unusable: (reason: string) => WaybillError): Promise<Json> {
  let text: string;
  try {
    text = await readFile(join(folder, 'config.json'), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw unusable(`config.json in ${folder} cannot be read (${String(code)}).`);
  }
  try {
    return memberOf(JSON.parse(text));
  } catch {
    // The error quotes the text, in which passwords stand.
    throw unusable(`config.json in ${folder} is no JSON.`);
  }
}

function fromAuths(auths: Json, host: string, unusable: (reason: string) => WaybillError): Credentials | undefined {
  const entries = Object.entries(auths);
  // A key may be an address with a path, as `docker login` of long ago wrote it.
  const found = (entries.find(([key]) => key === host) ?? entries.find(([key]) => hostOf(key) === host))?.[1];
  const entry = memberOf(found);
  const { identitytoken, username, password, auth } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { kind: 'identity', token: identitytoken };
  if (typeof username === 'string' && typeof password === 'string' && username !== '')
    return { kind: 'password', user: username, password };
  if (typeof auth !== 'string' || auth === '') return undefined;
  const [user, ...rest] = Buffer.from(auth, 'base64').toString('utf8').replace(/\0+$/, '').split(':');
  if (user === undefined || user === '' || rest.length === 0)
    throw unusable('its entry in config.json is no user and password.');
  return { kind: 'password', user, password: rest.join(':') };
}

/** The program's own words are not passed on: they may hold what it was asked for. */
async function fromHelper(
  helper: string,
  address: string,
  unusable: (reason: string) => WaybillError,
): Promise<Credentials | undefined> {
  if (!/^[\w][\w.-]*$/.test(helper)) throw unusable('config.json names no program that could be a credential helper.');
  const program = `docker-credential-${helper}`;
  const { failed, stdout } = await ask(program, address);
  if (failed !== undefined) {
    if (/credentials not found/i.test(stdout)) return undefined;
    throw unusable(`${program} ${failed}.`);
  }
  const { Username: user, Secret: secret } = answerOf(stdout);
  if (typeof user !== 'string' || typeof secret !== 'string') throw unusable(`${program} answered something else.`);
  return user === '<token>' ? { kind: 'identity', token: secret } : { kind: 'password', user, password: secret };
}

const ask = (program: string, address: string) =>
  new Promise<{ readonly failed?: string; readonly stdout: string }>((resolve) => {
    const child = execFile(program, ['get'], HELPER, (error, stdout) => {
      if (error === null) resolve({ stdout });
      else resolve({ stdout, failed: typeof error.code === 'number' ? `ended with ${error.code}` : whyNot(error) });
    });
    // It may be gone before it read anything.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(address);
  });

const whyNot = ({ code, killed }: { readonly code?: unknown; readonly killed?: boolean }): string =>
  code === 'ENOENT' ? 'is not installed' : killed === true ? 'did not answer' : 'could not be run';

function answerOf(text: string): Json {
  try {
    return memberOf(JSON.parse(text));
  } catch {
    return {};
  }
}

const memberOf = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});

const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
