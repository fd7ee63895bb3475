import { environmentOf } from '../running/environment.js';
import { filesOf } from '../running/files.js';
import type { RunningComponent } from '../running/items.js';
import { latin } from '../running/latin.js';
import type { Composed } from './composed.js';
import type { Variable } from './variables.js';
import { withVariables } from './withVariables.js';

/** A configuration file of the package. */
export interface PackageFile {
  /** Where the container finds it. */
  readonly path: string;
  /** Unix mode bits. */
  readonly mode: number;
  /** In the package. */
  readonly name: string;
  readonly bytes: Buffer;
  /** What is mounted: the file as it lies there, or what `run.sh` makes of it with the values of `.env`. */
  readonly used: string;
  readonly isTemplate: boolean;
}

/** What `run.sh` replaces by a value. */
const marker = ({ name }: Variable): string => `@@${name}@@`;

/** Names in the package are flat: no path of a template leads out of it, and none is a folder and a file at once. */
export function packageFiles(component: RunningComponent, composed: Composed): readonly PackageFile[] {
  const { running, contents } = composed;
  const taken = new Set<string>();
  return filesOf(component, running, contents, environmentOf(component, running)).map(({ path, mode, content }) => {
    const base = fileName(path);
    let name = base;
    for (let n = 2; taken.has(name); n += 1) name = `${base}-${String(n)}`;
    taken.add(name);
    const text = withVariables(content, composed, { text: (part) => part, variable: marker });
    const isTemplate = typeof content !== 'string';
    return {
      path,
      mode: mode & 0o777,
      name: `files/${component.host}/${name}`,
      // The tool that puts values in ends every line, the last one too.
      bytes: Buffer.from(isTemplate ? `${text}\n` : text),
      used: `${isTemplate ? 'made' : 'files'}/${component.host}/${name}`,
      isTemplate,
    };
  });
}

const fileName = (path: string): string =>
  latin(path, { lowercase: false, separator: '_', allowed: 'a-zA-Z0-9._-' })
    .replaceAll(/^[_.]+/g, '')
    .slice(-80) || 'file';
