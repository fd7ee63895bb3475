import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { TestServer } from './server.js';

/** The built command line. */
export const waybillProgram = join(import.meta.dirname, '../../apps/cli/bin/waybill.mjs');

export interface CommandEnded {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `waybill` with these arguments against a server, as a person at its machine would. */
export function waybill(
  server: Pick<TestServer, 'url' | 'data'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
): Promise<CommandEnded> {
  const here = { WAYBILL_URL: server.url, WAYBILL_DATA: server.data, WAYBILL_TOKEN: '' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [waybillProgram, ...args],
      { cwd, env: { ...process.env, ...here, ...env } },
      (error, out, err) => {
        resolve({ exit: error === null ? 0 : Number(error.code), out, err });
      },
    );
  });
}
