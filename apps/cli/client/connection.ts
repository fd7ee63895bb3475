import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import type { Surroundings } from '../surroundings.js';

/** Where the server is, and who asks. */
export interface Connection {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token?: string;
}

export interface ConnectionFlags {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8470';

/** Flags, else the environment, else a server on this machine with the token that it wrote. @throws WaybillError `invalid-request` for an address that is none */
export async function resolveConnection(
  flags: ConnectionFlags,
  { env, workingFolder }: Pick<Surroundings, 'env' | 'workingFolder'>,
): Promise<Connection> {
  const url = checkedUrl(flags.url ?? said(env['WAYBILL_URL']) ?? DEFAULT_URL);
  const token = flags.token ?? said(env['WAYBILL_TOKEN']) ?? (await tokenOfThisMachine(url, env, workingFolder));
  return { url, ...(token === undefined ? {} : { token }) };
}

const said = (value: string | undefined) => (value === undefined || value.trim() === '' ? undefined : value.trim());

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new WaybillError('invalid-request', {
      reason: `"${text}" is no address of a server, such as ${DEFAULT_URL}.`,
    });
  return url.href.replace(/\/+$/, '');
}

/** The administrator's token goes to a server elsewhere only when the person named its folder. */
async function tokenOfThisMachine(
  url: string,
  env: Surroundings['env'],
  workingFolder: string,
): Promise<string | undefined> {
  const named = said(env['WAYBILL_DATA']);
  if (named === undefined && !isThisMachine(url)) return undefined;
  const file = join(resolve(workingFolder, named ?? '.waybill'), 'admin-token');
  try {
    return said(await readFile(file, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    // Without a token the server says what is needed.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return undefined;
    throw error;
  }
}

const isThisMachine = (url: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
