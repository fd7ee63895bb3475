import type { Carrying } from './carrying.js';
import { holdsCredentials, holdsPlaceholder, isPlaceholder, loopbackOf } from './suspicions.js';

/** A text of a package that reaches a container: the value of a variable, the content of a file, an item of a config group. */
export interface ReachingText {
  readonly subject: string;
  /** What it is, to begin a sentence with: `The variable X`. */
  readonly what: string;
  readonly text: string;
  /** What makes it look like a secret in clear, where something does. */
  readonly secret?: string | undefined;
}

/** Tells what a reader of an import must know of a text: addresses that lead nowhere here, secrets. */
export function tellOfText({ subject, what, text, secret }: ReachingText, carrying: Carrying): void {
  const loopback = loopbackOf(text);
  if (loopback !== undefined)
    carrying.tell(
      'loopback-address',
      subject,
      `${what} names ${loopback}; other components are not at that address here.`,
    );
  const found = secret ?? (holdsCredentials(text) ? 'holds what looks like a password or a key' : undefined);
  if (holdsPlaceholder(text))
    carrying.tell(
      'secret-embedded',
      subject,
      isPlaceholder(text)
        ? `${what} is a placeholder for a secret; a generated value is put in its place.`
        : `${what} holds a placeholder for a secret amid other text; a generated value is put in its place.`,
    );
  else if (found !== undefined)
    carrying.tell('secret-in-clear', subject, `${what} ${found} in clear: whoever has the package has it.`);
}

/** A variable that says where another component is. */
export interface Connection {
  readonly subject: string;
  readonly name: string;
  readonly value: string;
  /** May a site change it, or do dependents get it? */
  readonly isVariable: boolean;
}

/** Tells of a variable that leads to one of these hosts by a text that nobody can change. */
export function tellOfConnection(
  { subject, name, value, isVariable }: Connection,
  hosts: readonly string[],
  carrying: Carrying,
): void {
  const host = hosts.find((other) => namesHost(value, other));
  if (host === undefined || isVariable) return;
  carrying.tell(
    'connection-fixed',
    subject,
    `The variable ${name} leads to ${host} by a fixed text; let ${host} offer its address, or let a site change it.`,
  );
}

/** Is the text this host, or does it hold it as `//host`, `@host` or `host:port`? */
const namesHost = (text: string, host: string): boolean =>
  text === host ||
  (text.includes(host) && new RegExp(`(?:^|[/@,;= ])${host.replaceAll(/[^\w-]/g, '\\$&')}(?::\\d|/|$)`).test(text));
