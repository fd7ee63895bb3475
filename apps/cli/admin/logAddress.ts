import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hasCode, WaybillError } from '@waybill/kernel';
import type { EventStore } from '@waybill/event-store';
import type { Surroundings } from '../surroundings.js';

/** Where a log is: the file of an embedded store, or an EventStoreDB. */
export interface LogAddress {
  /** Without a password. */
  readonly printable: string;
  open(): Promise<EventStore>;
}

interface Options {
  /** `--from` or `--to`, for messages. */
  readonly flag: string;
  /** Must the file be there already? */
  readonly mustExist: boolean;
}

/**
 * Reads a file name, an `esdb://` address, or `env:NAME` for what that variable says: an address with a password in the arguments could be
 * read by everybody on the machine.
 * @throws WaybillError `invalid-request`
 */
export async function logAddress(
  text: string,
  { env, workingFolder }: Pick<Surroundings, 'env' | 'workingFolder'>,
  { flag, mustExist }: Options,
): Promise<LogAddress> {
  const refused = (reason: string, cause?: unknown) =>
    new WaybillError('invalid-request', { reason: `${flag}: ${reason}` }, { cause });
  const variable = /^env:(.*)$/.exec(text)?.[1];
  const said = variable === undefined ? text.trim() : env[variable]?.trim();
  if (said === undefined || said === '') throw refused(`${variable ?? 'it'} is empty.`);
  // Slow to load, and of no use to the other commands.
  const { openEventStoreDb, openSqliteEventStore, storeAddress } = await import('@waybill/event-store');
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(said)) {
    try {
      const { connectionString, printable } = storeAddress(said);
      return { printable, open: () => openEventStoreDb({ connectionString }) };
    } catch (error) {
      if (hasCode(error, 'configuration-invalid')) throw refused(String(error.details['reason']), error);
      throw error;
    }
  }
  const file = resolve(workingFolder, said);
  const isFile = await isFileAt(file);
  if (isFile === undefined && mustExist) throw refused(`there is no file ${file}.`);
  if (isFile === false) throw refused(`${file} is no file.`);
  return { printable: file, open: () => openSqliteEventStore({ file }) };
}

/** Undefined: there is nothing of that name. */
async function isFileAt(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
