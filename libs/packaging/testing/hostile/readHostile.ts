import { readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isWaybillError, printable, type WaybillError } from '@waybill/kernel';
import { openContentStore } from '@waybill/content-store';
import { defaultLimits, type ReadLimits } from '../../package.js';
import { readPackage, type InspectedPackage, type ReadPackageOptions } from '../../readPackage.js';
import { memoryFolder } from '../memoryFolder.js';
import type { PackageBytes } from './soundPackage.js';

export type Outcome =
  | { readonly kind: 'refused'; readonly error: WaybillError }
  | { readonly kind: 'kept'; readonly found: InspectedPackage };

/** Reads packages that must leave nothing behind. */
export interface HostileReader {
  /** @throws what is no failure of the catalogue, or says what was left behind or is wrong with the words */
  read(bytes: PackageBytes, limits?: ReadLimits, options?: ReadPackageOptions): Promise<Outcome>;
  close(): Promise<void>;
}

/** A reader with a content store of its own. */
export async function hostileReader(): Promise<HostileReader> {
  const root = await memoryFolder('hostile-');
  const store = await openContentStore(join(root, 'store'));
  const path = join(root, 'x-ram.tar.gz');

  async function attempt(limits: ReadLimits, options: ReadPackageOptions): Promise<Outcome> {
    const staging = await store.stage('import');
    try {
      return { kind: 'kept', found: await readPackage({ path }, staging, { ...options, limits }) };
    } catch (error) {
      if (!isWaybillError(error)) throw error;
      return { kind: 'refused', error };
    } finally {
      const scratch = await readdir(join(root, 'store', 'staging', 'import', 'tmp'));
      await staging.discard();
      expectNothing('unfinished files', scratch);
      expectNothing('files in the content store', await filesBelow(join(root, 'store')));
      expectNothing('open files', await openFilesBelow(root));
    }
  }

  return {
    async read(bytes, limits = defaultLimits, options = {}) {
      await writeFile(path, bytes);
      const outcome = await attempt(limits, options);
      if (outcome.kind === 'refused') expectClear(outcome.error);
      return outcome;
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** What a table says of an outcome: the code of the refusal, or `kept` with the codes of the notices. */
export const outcomeIn = (outcome: Outcome): readonly string[] =>
  outcome.kind === 'refused'
    ? [outcome.error.code]
    : ['kept', ...new Set(outcome.found.notices.map(({ code }) => `kept: ${code}`))];

function expectNothing(what: string, left: readonly string[]): void {
  if (left.length > 0) throw new Error(`there are ${what} left: ${left.join(', ')}`);
}

/** One sentence that names what is wrong and where, and that a terminal can be given. */
function expectClear({ code, message, details }: WaybillError): void {
  const named = ['entry', 'at', 'file', 'image', 'layer', 'name', 'component', 'version', 'reason'].some(
    (detail) => detail in details,
  );
  if (!/^(package|publisher|sbom)-|^template-invalid$/.test(code)) throw new Error(`the code is ${code}`);
  if (!named || /undefined|\[object|"\?"/.test(message) || message !== printable(message) || message.length > 5000)
    throw new Error(`the message is not clear: ${JSON.stringify(message)}`);
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const all = await readdir(folder, { recursive: true });
  const kinds = await Promise.all(all.map(async (name) => ({ name, file: (await stat(join(folder, name))).isFile() })));
  return kinds.filter(({ file }) => file).map(({ name }) => name);
}

async function openFilesBelow(folder: string): Promise<readonly string[]> {
  const handles = await readdir('/proc/self/fd');
  const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(folder));
}
