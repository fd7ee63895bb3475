import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import { filesNamedBy, plainPath } from '@waybill/packaging';

/** A Compose file and the texts of the files it names, as they are published. */
export interface ComposeFiles {
  readonly compose: string;
  readonly files: Readonly<Record<string, string>>;
}

const LARGEST = 1024 ** 2;

/**
 * Reads a Compose file, `.env` beside it, and the texts that it names below its folder. What is not there, or no text, or elsewhere, is left out:
 * whoever publishes is told where the file asks for it.
 * @throws WaybillError `invalid-request` when the file cannot be read, `compose-invalid`
 */
export async function readComposeFiles(path: string): Promise<ComposeFiles> {
  const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
  const compose = await textOf(path);
  if (compose === undefined) throw new WaybillError('invalid-request', { reason: `${path} cannot be read as a text.` });
  const files: Record<string, string> = {};
  const take = async (name: string) => {
    const file = plainPath(name);
    const real = file === undefined ? undefined : await realpath(join(folder, file)).catch(() => undefined);
    // A link may lead elsewhere.
    if (file === undefined || real?.startsWith(folder + sep) !== true) return;
    const text = await textOf(real);
    if (text !== undefined) files[file] = text;
  };
  await take('.env');
  for (const name of filesNamedBy(compose, files['.env'])) await take(name);
  return { compose, files };
}

async function textOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size > LARGEST) return undefined;
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Not a text: it cannot be carried in a manifest.
    return undefined;
  }
}
