import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { canonicalJson, WaybillError, withFailpoints, type CanonicalValue } from '@waybill/kernel';
import {
  newerChain,
  newPublisher,
  openSigningKey,
  rootChain,
  signingKeyFile as keyText,
  type Envelope,
  type Publisher,
  type PublisherId,
  type SigningKey,
} from '@waybill/packaging';
import type { PublisherKeys } from '@waybill/catalog';
import type { Configuration } from './configuration.js';
import { readIfThere, writePrivate, writePrivateOnce } from './dataFolder.js';

export interface OwnPublisher extends PublisherKeys {
  /** @throws WaybillError `signing-key-missing` */
  current(): Publisher;
}

type Roots = readonly Envelope[];

/**
 * Who this server is when it signs what leaves it. Key and first root are made at the first start; a kill between the two leaves the key, from
 * which the same root is made again. Roots without their key are no reason not to start: only signing is refused. Where the log has newer roots than
 * the file, for this server was killed or another one of the same key was faster, the file follows.
 * @param rootsFile the roots as they travel, a canonical JSON list
 * @param logged the newest roots of each publisher whose keys were ever changed
 * @throws WaybillError `signing-key-invalid`, `publisher-root-invalid`, `publisher-root-conflict`, `configuration-invalid` when key and roots do not
 * belong together
 */
export async function openPublisher(
  { signingKeyFile: file, publisher: name }: Pick<Configuration, 'signingKeyFile' | 'publisher'>,
  rootsFile: string,
  logged: ReadonlyMap<PublisherId, Roots>,
): Promise<OwnPublisher> {
  const written = await readRoots(rootsFile);
  const roots = newestRoots(written, await keyIn(file), logged);
  let state = await (roots === undefined ? begun(file, name, rootsFile) : settled(file, roots));
  if (written !== undefined && roots !== undefined && written.length < roots.length)
    await writePrivate(rootsFile, textOf(roots));
  if (written === undefined && roots !== undefined) await writePrivateOnce(rootsFile, textOf(roots));
  return {
    current() {
      if (state.key === undefined) throw new WaybillError('signing-key-missing', { file });
      return { ...state, key: state.key };
    },
    chain: () => state.chain,
    async keyFor(root) {
      const next = nextFile(file, root);
      await writePrivateOnce(next, keyText(randomBytes(32), name));
      const key = await keyIn(next);
      if (key === undefined) throw new WaybillError('signing-key-missing', { file: next });
      return key;
    },
    async adopt(newest) {
      newerChain(state.chain, rootChain(newest));
      // In this order: a key of roots that are not known yet would look like somebody else’s.
      await writePrivate(rootsFile, textOf(newest));
      state = await settled(file, newest);
    },
  };
}

interface Settled extends Omit<Publisher, 'key'> {
  readonly key: SigningKey | undefined;
}

/** A key waits here until the root that names it counts. */
const nextFile = (file: string, root: number): string => `${file}.${root}`;

const textOf = (roots: Roots): string => canonicalJson(roots as unknown as CanonicalValue);

/** Of the file and of the log, of this publisher or, when the file is lost, of whoever has this key. */
function newestRoots(
  written: Roots | undefined,
  key: SigningKey | undefined,
  logged: ReadonlyMap<PublisherId, Roots>,
): Roots | undefined {
  if (written === undefined)
    return [...logged.values()].find((roots) => rootChain(roots).keys.some((one) => isSame(one, key)));
  const chain = rootChain(written);
  const other = logged.get(chain.publisher);
  if (other === undefined) return written;
  return newerChain(chain, rootChain(other)) === chain ? written : other;
}

async function begun(file: string, name: string, rootsFile: string): Promise<Settled> {
  const publisher = newPublisher(name, await openKey(file, name));
  await writePrivateOnce(rootsFile, textOf(publisher.roots));
  return publisher;
}

/** With the key that the newest root names, which may still wait to take its predecessor's place. */
async function settled(file: string, roots: Roots): Promise<Settled> {
  const chain = rootChain(roots);
  const present = await keyIn(file);
  if (chain.keys.some((key) => isSame(key, present))) return { chain, roots, key: present };
  const next = nextFile(file, chain.newest.version);
  const waiting = await keyIn(next);
  if (chain.keys.some((key) => isSame(key, waiting))) {
    await withFailpoints('rename a signing key', () => rename(next, file));
    return { chain, roots, key: waiting };
  }
  if (present !== undefined)
    throw new WaybillError('configuration-invalid', {
      name: 'WAYBILL_SIGNING_KEY',
      reason: `${file} is no key of this server’s newest root.`,
    });
  return { chain, roots, key: undefined };
}

const isSame = ({ fingerprint }: SigningKey['publicKey'], key: SigningKey | undefined): boolean =>
  fingerprint === key?.publicKey.fingerprint;

async function keyIn(file: string): Promise<SigningKey | undefined> {
  const text = (await readIfThere(file))?.toString('latin1');
  return text === undefined ? undefined : openSigningKey(text, file);
}

async function openKey(file: string, name: string): Promise<SigningKey> {
  const found = await keyIn(file);
  if (found !== undefined) return found;
  // Of several servers that share the file and start at once, the first one's key stays.
  await writePrivateOnce(file, keyText(randomBytes(32), name));
  return openKey(file, name);
}

async function readRoots(file: string): Promise<Roots | undefined> {
  const text = (await readIfThere(file))?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Roots;
  } catch (cause) {
    const reason = `${file} is no JSON.`;
    throw new WaybillError('publisher-root-invalid', { version: 1, reason }, { cause });
  }
}
