import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import type { Command } from 'commander';
import { collected } from '../commands/command.js';
import { envAssignment, envItem, fileAssignment, publishAssignment, type SettingRequest } from './assignment.js';

export interface SettingFlags {
  readonly set?: readonly string[];
  readonly publish?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setSecret?: readonly string[];
  readonly setSecretFile?: readonly string[];
  readonly unset?: readonly string[];
}

/** The options by which a person says what a site wants. */
export const settingOptions = (command: Command): Command =>
  command
    .option(
      '--set <COMPONENT.ENV=VALUE>',
      'an environment value, or an item: web/memory=256; may be given again',
      collected,
    )
    .option(
      '--publish <COMPONENT:PORT=HOSTPORT>',
      'the port of the host for a port; auto: any free one, none: not published',
      collected,
    )
    .option('--set-file <COMPONENT:/path=FILE>', 'the content of a configuration file, from a local file', collected)
    .option('--set-secret <COMPONENT.ENV=VALUE>', 'an environment value that is sealed and never shown', collected)
    .option(
      '--set-secret-file <COMPONENT.ENV=FILE>',
      'the same with the value in a file, out of sight of other users',
      collected,
    );

/** The settings that the options ask for, files read. @throws WaybillError `invalid-request` */
export async function settingsFrom(flags: SettingFlags, workingFolder: string): Promise<readonly SettingRequest[]> {
  const content = (file: string) => readText(resolve(workingFolder, file));
  const secret = (request: SettingRequest): SettingRequest => ({ ...request, secret: true });
  return [
    ...(flags.set ?? []).map(envAssignment),
    ...(flags.publish ?? []).map(publishAssignment),
    ...(await Promise.all(
      (flags.setFile ?? []).map(fileAssignment).map(async ({ item, file }) => ({ item, value: await content(file) })),
    )),
    ...(flags.setSecret ?? []).map(envAssignment).map(secret),
    ...(await Promise.all(
      (flags.setSecretFile ?? []).map(envAssignment).map(async ({ item, value }) =>
        // Editors end files with a line break, which is no part of a password.
        secret({ item, value: (await content(value ?? '')).replace(/\r?\n$/, '') }),
      ),
    )),
    ...(flags.unset ?? []).map((left) => ({ item: envItem(left), value: null })),
  ];
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const reason = error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read: ${whyUnread(error)}`;
    throw new WaybillError('invalid-request', { reason: `${file} ${reason}.` }, { cause: error });
  }
}

function whyUnread(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'this user may not read it';
    default:
      return (error as Error).message;
  }
}
