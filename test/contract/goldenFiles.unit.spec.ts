import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const { folders, lists } = found('libs');

/**
 * What was shipped stands in logs and packages that no update reaches, so a golden file never changes and never goes.
 * An optional member that came later has one beside its event's (`version-published.v2-compose.json`).
 * A new shape of an event is a new wire version: a golden file of its own (`setting-changed.v2.json`), an upcaster from the version before
 * in the context's serde, and a line more in `golden.sha256` (`cd libs/<context>/domain && sha256sum golden/<file> >> golden.sha256`).
 */
describe('golden files', () => {
  it('have a list of digests beside every folder, and no list is without its folder', () => {
    expect(lists).toStrictEqual(folders.map((folder) => `${folder}.sha256`));
    expect(lists.length).toBeGreaterThanOrEqual(4);
  });

  it.each(folders)('of %s are as they were when they were shipped', (folder) => {
    expect(presentIn(folder)).toStrictEqual(listedFor(folder));
  });

  it.each(folders.filter((folder) => !folder.startsWith('libs/packaging/')))(
    'of %s have every version of an event up to its newest',
    (folder) => {
      const names = readdirSync(join(root, folder)).map((file) => /^([a-z-]+)\.v(\d+)(?:-[a-z]+)?\.json$/.exec(file));
      const missing = names.flatMap((match) => {
        if (match === null) return ['a file whose name is no wire name'];
        const [, name = '', version = ''] = match;
        const before = Array.from({ length: Number(version) - 1 }, (_, i) => `${name}.v${i + 1}`);
        return before.filter((earlier) => !names.some((other) => other?.[0] === `${earlier}.json`));
      });
      expect(missing).toStrictEqual([]);
    },
  );
});

/** Every folder `golden` and every list `golden.sha256` below, sorted. */
function found(folder: string): { readonly folders: readonly string[]; readonly lists: readonly string[] } {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const inside = entries
    .filter((entry) => entry.isDirectory() && !['node_modules', 'dist', 'golden'].includes(entry.name))
    .map(({ name }) => found(`${folder}/${name}`));
  const here = (name: string) => entries.filter((entry) => entry.name === name).map(() => `${folder}/${name}`);
  return {
    folders: [...here('golden'), ...inside.flatMap((each) => each.folders)].sort(),
    lists: [...here('golden.sha256'), ...inside.flatMap((each) => each.lists)].sort(),
  };
}

/** In the form of `sha256sum`, sorted by name. */
function presentIn(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .sort()
    .map((file) => {
      const digest = createHash('sha256')
        .update(readFileSync(join(root, folder, file)))
        .digest('hex');
      return `${digest}  golden/${file}`;
    });
}

function listedFor(folder: string): readonly string[] {
  const nameOf = (line: string) => line.slice(line.indexOf('  '));
  return readFileSync(join(root, `${folder}.sha256`), 'utf8')
    .trimEnd()
    .split('\n')
    .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}
