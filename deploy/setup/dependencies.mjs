import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInForeground } from './programs.mjs';
import { SetupError } from './command.mjs';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const OLDEST_NODE = [20, 19];

/** Refuses a Node that is older than package.json's `engines`. */
export function checkNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(`Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${version} (${process.execPath}).`);
}

/** Installs the npm packages of package-lock.json when they are missing or not the ones it names. */
export async function ensureDependencies({ log }) {
  const reason = whyDependenciesAreStale(ROOT);
  if (reason === undefined) return;
  log(`Installing npm packages (${reason})`);
  // A NODE_ENV of production would leave out the compiler. No package needs its install script: older npm would build optional native code.
  const code = await runInForeground('npm', ['ci', '--include=dev', '--ignore-scripts'], {
    cwd: ROOT,
    output: 'stderr',
  });
  if (code !== 0) throw new SetupError(`npm ci failed (exit code ${code}); its own messages are above.`);
}

/**
 * Why node_modules is not what package-lock.json asks for, or undefined when it is. Compared by content: after a clone or a checkout
 * the times of the two files say nothing, and a needless `npm ci` takes the packages away from whoever is using them.
 */
export function whyDependenciesAreStale(root) {
  const installedList = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedList)) return 'there are none yet';
  const installed = packagesIn(installedList);
  for (const [place, wanted] of Object.entries(packagesIn(path.join(root, 'package-lock.json')))) {
    if (place === '') continue;
    const there = installed[place];
    if (there === undefined && wanted.optional !== true && wanted.devOptional !== true) return `${place} is missing`;
    if (there === undefined) continue;
    if (there.version !== wanted.version) return `${place} is ${there.version}, not ${wanted.version}`;
    if (there.integrity !== wanted.integrity) return `${place} has other content than ${wanted.version}`;
  }
  return undefined;
}

function packagesIn(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
