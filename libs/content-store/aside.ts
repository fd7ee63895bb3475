import { link, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hexOf, isDigest, withFailpoints } from '@waybill/kernel';
import { orNothing, type Area } from './area.js';
import type { Aside, ContentItem } from './contentStore.js';
import { hasErrno, moveDirectory, syncDirectory } from './durable.js';

const NAME = /^(blob|layer)-([0-9a-f]{64})$/;

/** What is on its way out, each under `<kind>-<hex>` in a folder of its own beside the areas. */
export async function openAside(root: string, area: Area): Promise<Aside> {
  await mkdir(root, { recursive: true });
  const asideOf = ({ kind, digest }: ContentItem) => join(root, `${kind}-${hexOf(digest)}`);
  const placeOf = ({ kind, digest }: ContentItem) => (kind === 'blob' ? area.blobPath(digest) : area.layerPath(digest));
  const folderOf = ({ kind }: ContentItem) => (kind === 'blob' ? area.blobs : area.layers);

  return {
    async put(item) {
      try {
        await withFailpoints('rename what is collected', () => rename(placeOf(item), asideOf(item)));
      } catch (error) {
        // It is gone; or one of the same digest was put aside before, and stays the one to decide about.
        if (!hasErrno(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
        if (!hasErrno(error, 'ENOENT')) await rm(placeOf(item), { recursive: true, force: true });
      }
      await syncDirectory(folderOf(item));
      await syncDirectory(root);
    },
    async bringBack(item) {
      if (item.kind === 'layer') await orNothing(moveDirectory(asideOf(item), placeOf(item)));
      else await orNothing(linked(asideOf(item), placeOf(item)));
      await syncDirectory(folderOf(item));
      await rm(asideOf(item), { recursive: true, force: true });
    },
    remove: (item) =>
      withFailpoints('remove what is collected', () => rm(asideOf(item), { recursive: true, force: true })),
    async list() {
      const names = ((await orNothing(readdir(root))) ?? []).sort();
      return names.flatMap((name): readonly ContentItem[] => {
        const [, kind, hex] = NAME.exec(name) ?? [];
        const digest = `sha256:${hex ?? ''}`;
        return (kind === 'blob' || kind === 'layer') && isDigest(digest) ? [{ kind, digest }] : [];
      });
    },
  };
}

/** A rename would write over what has come into its place. */
async function linked(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return;
    if (!hasErrno(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    await withFailpoints('rename what was collected', () => rename(from, to));
  }
}
