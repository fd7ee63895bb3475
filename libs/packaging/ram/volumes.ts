import { posix } from 'node:path';
import type { ConfigFile, Volume } from '../manifest.js';
import { subjectOf, type Carrying } from './carrying.js';
import { distinct } from './distinct.js';
import type { RamComponent, RamVolume } from './metadata.js';
import { holdsSecret } from './suspicions.js';
import { tellOfText } from './tellOfText.js';

/** What a component keeps and is configured by, both sorted by path. */
export function volumesOf(
  component: RamComponent,
  key: string,
  carrying: Carrying,
): { readonly volumes: readonly Volume[]; readonly files: readonly ConfigFile[] } {
  const usable = component.volumes.flatMap((volume) => {
    const path = mountPath(volume.path);
    if (path !== undefined) return [{ ...volume, path }];
    carrying.carry({
      kind: 'unusable-volume',
      name: volume.name,
      component: key,
      content: volume.source,
      why: `${JSON.stringify(volume.path)} is no path in a container at which something can be mounted`,
    });
    return [];
  });
  const distinctOnes = distinct(usable, 'volume', key, ({ path }) => path, carrying);
  const isFile = (volume: RamVolume) => volume.type === 'config-file';
  const files = distinctOnes.filter(isFile);
  for (const { path, content } of files)
    tellOfText(
      {
        subject: subjectOf(key),
        what: `The file ${path}`,
        text: content,
        secret: holdsSecret(content) ? 'seems to hold a secret' : undefined,
      },
      carrying,
    );
  return {
    volumes: distinctOnes.filter((volume) => !isFile(volume)).map(volumeOf),
    files: files.map(({ name, path, content, mode }) => ({ name, path, content, mode: mode ?? 0o644 })),
  };
}

function volumeOf({ name, path, type, capacity, accessMode }: RamVolume): Volume {
  return {
    name,
    path,
    kind: type === 'memoryfs' ? 'memory' : 'persistent',
    sourceType: type === '' ? 'share-file' : type,
    ...(capacity === undefined || capacity === 0 ? {} : { capacity }),
    ...(accessMode === '' ? {} : { accessMode }),
  };
}

/** A path in a container, in its one form; `undefined` when nothing can be mounted there. */
export function mountPath(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('\0') || path.split('/').includes('..')) return undefined;
  const plain = posix.normalize(path).replace(/\/$/, '');
  return plain === '' ? undefined : plain;
}
