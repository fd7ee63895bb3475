import { randomBytes } from 'node:crypto';
import { canonicalJson, WaybillError, type CanonicalValue } from '@waybill/kernel';
import {
  newPublisher,
  openSigningKey,
  rootChain,
  signingKeyFile as keyText,
  type Envelope,
  type Publisher,
  type SigningKey,
} from '@waybill/packaging';
import type { Configuration } from './configuration.js';
import { readIfThere, writePrivateOnce } from './dataFolder.js';

/**
 * Who this server is when it signs what leaves it. Key and first root are made at the first start; a kill between the two leaves the key, from
 * which the same root is made again. Roots without their key are no reason not to start: only signing is refused.
 * @param rootsFile the roots as they travel, a canonical JSON list
 * @throws WaybillError `signing-key-invalid`, `publisher-root-invalid`, `configuration-invalid` when key and roots do not belong together
 */
export async function openPublisher(
  { signingKeyFile: file, publisher: name }: Pick<Configuration, 'signingKeyFile' | 'publisher'>,
  rootsFile: string,
): Promise<() => Publisher> {
  const roots = await readRoots(rootsFile);
  const found = await readIfThere(file);
  if (found === undefined && roots !== undefined)
    return () => {
      throw new WaybillError('signing-key-missing', { file });
    };
  const key = await openKey(file, name);
  const publisher = roots === undefined ? await begin(newPublisher(name, key), rootsFile) : knownAs(roots, key, file);
  return () => publisher;
}

async function openKey(file: string, name: string): Promise<SigningKey> {
  const found = await readIfThere(file);
  if (found !== undefined) return openSigningKey(found.toString('latin1'), file);
  // Of several servers that share the file and start at once, the first one's key stays.
  await writePrivateOnce(file, keyText(randomBytes(32), name));
  return openKey(file, name);
}

async function begin(publisher: Publisher, rootsFile: string): Promise<Publisher> {
  await writePrivateOnce(rootsFile, canonicalJson(publisher.roots as unknown as CanonicalValue));
  return publisher;
}

async function readRoots(file: string): Promise<readonly Envelope[] | undefined> {
  const text = (await readIfThere(file))?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as readonly Envelope[];
  } catch (cause) {
    const reason = `${file} is no JSON.`;
    throw new WaybillError('publisher-root-invalid', { version: 1, reason }, { cause });
  }
}

function knownAs(roots: readonly Envelope[], key: SigningKey, file: string): Publisher {
  const chain = rootChain(roots);
  if (!chain.keys.some(({ fingerprint }) => fingerprint === key.publicKey.fingerprint))
    throw new WaybillError('configuration-invalid', {
      name: 'WAYBILL_SIGNING_KEY',
      reason: `${file} is no key of this server’s newest root.`,
    });
  return { chain, roots, key };
}
