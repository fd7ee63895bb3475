import { printable, WaybillError } from '@waybill/kernel';
import type { Command } from 'commander';
import { openClient, type Client } from './client/client.js';
import { resolveConnection, type ConnectionFlags } from './client/connection.js';
import { ending } from './ending.js';
import { printableLines } from './output/printableLines.js';
import { noProgress, progress, type Progress } from './output/progress.js';
import type { Surroundings } from './surroundings.js';

/** What one run of a command works with. */
export interface Session {
  readonly client: Client;
  readonly surroundings: Surroundings;
  readonly progress: Progress;
  readonly json: boolean;
  /** Prints a result: the API's answer for programs, else the text. */
  show(answer: unknown, text: () => string): void;
  /** A remark for the person, beside the result. */
  remark(text: string): void;
  /**
   * Goes on when the person agrees.
   * @throws WaybillError `confirmation-needed` when there is nobody to ask; an ending when the answer is no
   */
  confirm(what: string, yes: boolean): Promise<void>;
}

export interface GlobalFlags extends ConnectionFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export async function openSession(command: Command, surroundings: Surroundings): Promise<Session> {
  const flags = command.optsWithGlobals<GlobalFlags>();
  const json = flags.json === true;
  const quiet = flags.quiet === true;
  const { terminal } = surroundings;
  const client = openClient(await resolveConnection(flags, surroundings), surroundings);
  return {
    client,
    surroundings,
    json,
    progress: quiet ? noProgress : progress(surroundings),
    show: (answer, text) => terminal.out(printableLines(json ? `${JSON.stringify(answer, undefined, 2)}\n` : text())),
    remark: (text) => {
      if (!quiet) terminal.err(`${printableLines(text)}\n`);
    },
    async confirm(what, yes) {
      if (yes) return;
      if (!terminal.interactive || json) throw new WaybillError('confirmation-needed', { what });
      const answer = await terminal.ask(`${printable(what)}: go on? [y/N] `);
      if (!/^\s*y(es)?\s*$/i.test(answer)) throw ending(2, 'Nothing was done.');
    },
  };
}
