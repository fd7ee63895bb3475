import type { Carrying } from './carrying.js';
import { holdsPlaceholder, loopbackIn } from './suspicions.js';

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
  const loopback = loopbackIn(text);
  if (loopback !== undefined)
    carrying.tell(
      'loopback-address',
      subject,
      `${what} names ${loopback}; other components are not at that address here.`,
    );
  if (holdsPlaceholder(text))
    carrying.tell(
      'secret-embedded',
      subject,
      `${what} holds a placeholder for a secret amid other text; a generated value is put in its place.`,
    );
  else if (secret !== undefined)
    carrying.tell('secret-in-clear', subject, `${what} ${secret} in clear: whoever has the package has it.`);
}
