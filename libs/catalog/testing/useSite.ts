import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { templateKey } from '@waybill/kernel';
import { RequestImport } from '../app/commands.js';
import type { ImportView } from '../read/importView.js';
import { fixture } from './packages.js';
import { contentIn, context, freshDisk, openSite, type Disk, type Site } from './site.js';

/** Of the real packages. */
export const key = templateKey('f3a8c1de5b7c4cb0a8de0c1f6a5b4e77');

let commands = 0;
/** A command of its own. */
export const next = () => context(`command ${(commands += 1)}`);

export const failure = (code: string, details?: object): unknown =>
  expect.objectContaining({
    code,
    ...(details === undefined ? {} : { details: expect.objectContaining(details) as unknown }),
  });

/** A fresh server for every test, with the real packages 1.0.tar.gz and 2.0.tar.gz where it may read them. */
export function useSite() {
  let disk: Disk;
  let site: Site;
  beforeEach(async () => {
    disk = await freshDisk();
    site = await openSite(disk);
    for (const version of ['1.0', '2.0'] as const)
      await copyFile(fixture(version), join(disk.packages, `${version}.tar.gz`));
  });
  afterEach(async () => {
    await site.close();
    await disk.remove();
  });

  return {
    disk: () => disk,
    site: () => site,
    restart: async (meanwhile: () => Promise<void>): Promise<void> => {
      await site.close();
      await meanwhile();
      site = await openSite(disk);
    },
    importFile: async (
      name: string,
      options: { readonly confirm?: boolean; readonly version?: string } = {},
    ): Promise<ImportView> => {
      const { import: id } = await site.run(
        new RequestImport({ source: { kind: 'path', path: name }, confirm: true, ...options }, next()),
      );
      const view = await site.settled(id);
      await site.caughtUp();
      return view;
    },
    contentFiles: () => contentIn(site.deps.content),
    staged: () => readdir(join(disk.content, 'staging')),
    types: async (stream: string) => (await site.events(stream)).map(({ type }) => type),
  };
}
