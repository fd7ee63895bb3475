import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDigest, type Digest } from '@waybill/kernel';
import type { Surroundings } from '../surroundings.js';

/** Digests of large files that were read before, so that going on with an upload does not begin with reading all of it again. */
export interface KnownDigests {
  find(path: string, stats: BigIntStats): Promise<Digest | undefined>;
  remember(path: string, stats: BigIntStats, digest: Digest): Promise<void>;
  forget(path: string): Promise<void>;
}

type Entries = Readonly<Record<string, string>>;

/** As many files are remembered. */
const REMEMBERED = 100;

/**
 * In `waybill/digests.json` of the user's state folder (`XDG_STATE_HOME`, else `~/.local/state`): path → what `stat` said, and the digest. The
 * server compares what arrives with the digest, so that an entry which is wrong costs an upload and spoils nothing. Where the file cannot be
 * read or written, nothing is remembered.
 */
export function knownDigests({ env }: Pick<Surroundings, 'env'>): KnownDigests {
  const home = env['HOME'];
  const named = env['XDG_STATE_HOME'] ?? '';
  const state = named !== '' ? named : home === undefined ? undefined : join(home, '.local', 'state');
  const file = state === undefined ? undefined : join(state, 'waybill', 'digests.json');

  async function change(change: (entries: Entries) => Entries): Promise<void> {
    if (file === undefined) return;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const next = `${file}.${process.pid}`;
      await writeFile(next, JSON.stringify(change(await entriesIn(file))), { mode: 0o600 });
      await rename(next, file);
    } catch {
      // A home that cannot be written to is no reason not to upload.
    }
  }

  return {
    async find(path, stats) {
      const entry = file === undefined ? undefined : (await entriesIn(file))[path];
      const [digest = '', seen] = entry?.split(' ') ?? [];
      return seen === signatureOf(stats) && isDigest(digest) ? digest : undefined;
    },
    remember: (path, stats, digest) =>
      change(({ [path]: _old, ...others }) =>
        Object.fromEntries([
          ...Object.entries(others).slice(1 - REMEMBERED),
          [path, `${digest} ${signatureOf(stats)}`],
        ]),
      ),
    forget: (path) => change(({ [path]: _old, ...others }) => others),
  };
}

const signatureOf = ({ dev, ino, size, mtimeNs }: BigIntStats): string => [dev, ino, size, mtimeNs].join(':');

async function entriesIn(file: string): Promise<Entries> {
  try {
    const read = JSON.parse(await readFile(file, 'utf8')) as unknown;
    if (typeof read !== 'object' || read === null) return {};
    return Object.fromEntries(
      Object.entries(read).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    );
  } catch {
    // Not there yet, or not ours: then nothing is known.
    return {};
  }
}
