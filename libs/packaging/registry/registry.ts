import { WaybillError, type Digest } from '@waybill/kernel';
import { INDEX_TYPES, MANIFEST_TYPES } from '../image/mediaTypes.js';
import { authorize } from './authorize.js';
import { challengeIn } from './challenge.js';
import type { FindCredentials } from './credentials.js';
import type { RegistryImage } from './registryImage.js';
import { send, unreachable, type Contact } from './send.js';
import { bodyOf } from './wholeBody.js';

/** How registries are reached from here. */
export interface RegistryAccess {
  readonly credentials: FindCredentials;
  /** Hosts (`host`, `host:port`) that may be asked without encryption, beside this machine itself. */
  readonly plain: readonly string[];
}

/** A registry that speaks the distribution API (version 2); only what reading needs. Bodies of answers are still to be read. */
export interface Registry extends Pick<Contact, 'registry'> {
  /** @throws WaybillError `registry-image-missing`, `registry-denied`, `registry-unreachable`, `registry-insecure`, `registry-credentials-unusable` */
  manifest(image: RegistryImage, version: string): Promise<Response>;
  /** The bytes of a blob from `from` on. Throws the same. */
  blob(image: RegistryImage, digest: Digest, from?: number): Promise<AsyncIterable<Uint8Array>>;
}

/** The parts of one publication share a contact: the way to the registry is found once, and a token is asked for once for each repository. */
export function openRegistry(registry: string, { credentials, plain }: RegistryAccess): Registry {
  const contact: Contact = { registry, isPlain: (host) => plain.includes(host) || isThisMachine(host) };
  const shown = new Map<string, string>();
  let base: Promise<URL> | undefined;

  async function ask(image: RegistryImage, path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const { repository } = image;
    const address = new URL(`/v2/${repository}/${path}`, await (base ??= wayTo(contact)));
    const known = shown.get(repository);
    const first = await send(contact, address, { headers, authorization: known });
    if (first.status !== 401) return fine(contact, image, first);
    await first.body?.cancel();
    const challenge = challengeIn(first.headers.get('www-authenticate'));
    const authorization =
      challenge && (await authorize(contact, address, challenge, repository, await credentials(registry)));
    if (authorization === undefined) throw denied(contact, image);
    shown.set(repository, authorization);
    return fine(contact, image, await send(contact, address, { headers, authorization }));
  }

  return {
    registry,
    manifest: (image, version) =>
      ask(image, `manifests/${version}`, { accept: [...MANIFEST_TYPES, ...INDEX_TYPES].join(', ') }),
    async blob(image, digest, from = 0) {
      const response = await ask(image, `blobs/${digest}`, from === 0 ? {} : { range: `bytes=${from}-` });
      return response.status === 206 ? bodyOf(response) : without(from, bodyOf(response));
    },
  };
}

/** This machine may answer without encryption; it is asked with it first, as others are. */
async function wayTo(contact: Contact): Promise<URL> {
  const host = contact.registry === 'docker.io' ? 'registry-1.docker.io' : contact.registry;
  const safe = new URL(`https://${host}`);
  if (!contact.isPlain(host)) return safe;
  for (const way of [safe, new URL(`http://${host}`)]) {
    const answer = await send(contact, new URL('/v2/', way), {}).catch((error: unknown) => {
      if (way === safe) return undefined;
      throw error;
    });
    await answer?.body?.cancel();
    if (answer !== undefined) return way;
  }
  return safe;
}

async function fine(contact: Contact, image: RegistryImage, response: Response): Promise<Response> {
  if (response.ok) return response;
  await response.body?.cancel();
  switch (response.status) {
    case 401:
    case 403:
      throw denied(contact, image);
    case 404:
      throw new WaybillError('registry-image-missing', { registry: contact.registry, image: image.reference });
    default:
      throw unreachable(contact, `it answered HTTP ${response.status}`);
  }
}

const denied = ({ registry }: Contact, { reference }: RegistryImage) =>
  new WaybillError('registry-denied', { registry, image: reference });

/** What a registry that knows no ranges sends again. */
async function* without(count: number, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let left = count;
  for await (const chunk of bytes) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

const isThisMachine = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i.test(host);
