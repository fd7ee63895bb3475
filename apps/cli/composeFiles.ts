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
 * Reads a Compose file, `.env` beside it, and the texts that it names below its folder. What is not there, or elsewhere, is left out: whoever
 * publishes is told where the file asks for it.
 * @throws WaybillError `package-not-found`, `invalid-request` when the file is no text, `compose-invalid`, `compose-refused` for one it names that is none
 */
export async function readComposeFiles(path: string): Promise<ComposeFiles> {
  const folder = await realpath(dirname(resolve(path))).catch(() => dirname(resolve(path)));
  const compose = await textOf(path);
  if (compose === 'absent') throw new WaybillError('package-not-found', { path });
  if (compose === 'no-text')
    throw new WaybillError('invalid-request', { reason: `${path} is no text in UTF-8 of at most 1 MiB.` });
  const files: Record<string, string> = {};
  const noTexts: string[] = [];
  const take = async (name: string) => {
    const file = plainPath(name);
    const real = file === undefined ? undefined : await realpath(join(folder, file)).catch(() => undefined);
    // A link may lead elsewhere.
    if (file === undefined || real?.startsWith(folder + sep) !== true) return;
    const text = await textOf(real);
    if (text === 'no-text') noTexts.push(file);
    else if (text !== 'absent') files[file] = text.content;
  };
  await take('.env');
  for (const name of filesNamedBy(compose.content, files['.env'])) await take(name);
  if (noTexts.length > 0)
    throw new WaybillError('compose-refused', {
      reason: `Only texts in UTF-8 of at most 1 MiB are carried, and ${noTexts.join(', ')} is none: put it into an image.`,
    });
  return { compose: compose.content, files };
}

async function textOf(path: string): Promise<{ readonly content: string } | 'absent' | 'no-text'> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return 'absent';
  if (found.size > LARGEST) return 'no-text';
  const bytes = await readFile(path);
  try {
    return { content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    // Not a text: it cannot be carried in a manifest.
    return 'no-text';
  }
}
