import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endpointOf } from '../../../libs/runtime/docker/call.js';

const root = join(import.meta.dirname, '../../..');

interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every failpoint there is, read from the code: what can be appended, what reaches the disk by a name, what the engine can be asked. */
export async function failpointNames(): Promise<readonly string[]> {
  const sources = await productSources();
  const appends = (await filesBelow('libs')).flatMap((path) => /\/golden\/(.+)\.v\d+\.json$/.exec(path)?.[1] ?? []);
  const works = sources.flatMap(({ text }) =>
    [...text.matchAll(/withFailpoints\(\s*'([^']+)'/g)].map(([, name]) => name ?? ''),
  );
  const calls = sources.filter(({ path }) => path.startsWith('libs/runtime/docker/')).flatMap(callsIn);
  return [
    ...new Set([...appends.map((type) => `append ${type}`), ...works, ...calls.map((call) => `engine ${call}`)]),
  ].sort();
}

/** Renames and syncs of the server that no failpoint stands around, as `<path>: <line>`. */
export async function unguardedWorks(): Promise<readonly string[]> {
  const sources = (await productSources()).filter(({ path }) => !path.startsWith('apps/cli/'));
  return sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\b(?:rename|renameSync|fsync|fsyncSync|fdatasync|fdatasyncSync)\(|\.(?:data)?sync\(\)/gi)]
      .filter(({ index }) => !/withFailpoints\(\s*'[^']+',\s*\(\) =>\s*\w*$/.test(text.slice(0, index)))
      .map(
        ({ index }) => `${path}: ${text.slice(text.lastIndexOf('\n', index) + 1, text.indexOf('\n', index)).trim()}`,
      ),
  );
}

/** Calls are written as `method: …, path: …`, the latter by a helper that knows what the id is of. */
function callsIn({ path, text }: Source): readonly string[] {
  const found = [...text.matchAll(/method: '(\w+)',\s*path: ('[^']*'|`[^`]*`|\w+\(\w+\))/g)];
  const written = [...text.matchAll(/method: '/g)].length - (path.endsWith('/call.ts') ? 1 : 0);
  if (found.length !== written) throw new Error(`${path} holds a call whose path cannot be read here`);
  return found.map(([, method = '', expression = '']) =>
    endpointOf({ method: method as 'GET', path: pathOf(expression) }),
  );
}

const pathOf = (expression: string): string =>
  expression
    .replaceAll(
      /\$\{(container|image|network|volume)Path\([^)]*\)\}|^(container|image|network|volume)Path\([^)]*\)$/g,
      (_, a: string, b: string) => `/${a || b}s/x`,
    )
    .replaceAll(/\$\{[^}]*\}+/g, 'x')
    .replaceAll(/['`]/g, '');

async function productSources(): Promise<readonly Source[]> {
  const paths = (await filesBelow('libs', 'apps')).filter(
    (path) => path.endsWith('.ts') && !/\.spec\.ts$|\/testing\/|\.d\.ts$/.test(path),
  );
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

async function filesBelow(...folders: readonly string[]): Promise<readonly string[]> {
  const lists = folders.map(async (folder) =>
    (await readdir(join(root, folder), { recursive: true })).map((path) => `${folder}/${path}`),
  );
  return (await Promise.all(lists)).flat().filter((path) => !/\/(node_modules|dist)\//.test(path));
}
