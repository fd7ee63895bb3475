import { Option, type Command } from 'commander';
import { openSession, type Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';

/** Adds one or more commands to the program. */
export type Registration = (program: Command, surroundings: Surroundings) => void;

/** An action that works with a session: its arguments as commander gives them, the options, then the session. */
export function withSession(
  surroundings: Surroundings,
  // Commander does not tell the types of what it hands over; each action declares what its command line says.
  action: (session: Session, ...given: never[]) => Promise<void>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command;
    await action(await openSession(command, surroundings), ...(given.slice(0, -1) as never[]));
  };
}

/** For options that may be given more than once. */
export const collected = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

export const yesOption = (): Option => new Option('-y, --yes', 'do not ask');
export const reasonOption = (): Option => new Option('--reason <text>', 'why, for the history');
/** What happens anyway; for scripts that say what they mean. */
export const waitOption = (): Option => new Option('--wait', 'wait for the end and tell how far it is').default(true);
export const noWaitOption = (): Option => new Option('--no-wait', 'only begin it, and say how to follow it');
export interface AcceptFlags {
  readonly accept?: readonly string[];
  readonly acceptAll?: boolean;
}

export const acceptOption = (): Option =>
  new Option(
    '--accept <item>',
    "take the template's value for an item that would stay, such as web/env/LOG_LEVEL; * stands for anything",
  ).argParser(collected);
export const acceptAllOption = (): Option => new Option('--accept-all', 'the same for every item that can be accepted');

/** What is accepted, as the API takes it. */
export const acceptedBy = ({ accept = [], acceptAll = false }: AcceptFlags): readonly string[] =>
  acceptAll ? [...accept, '*'] : accept;

/** What `--no-wait` ends with. */
export const begunText = (operation: string): string =>
  `It has begun. Follow it with: waybill operation ${operation}\n`;

/** Examples below a command's help. */
export const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText(
    'after',
    `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  $ ${line}`).join('\n')}`,
  );
