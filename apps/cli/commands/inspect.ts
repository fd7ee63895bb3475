import { basename, resolve } from 'node:path';
import { collected, examples, withSession, type Registration } from './command.js';
import { heldLayers } from '../inspect/heldLayers.js';
import { inspectParts } from '../inspect/inspectParts.js';
import { inspectRequest } from '../inspect/inspectRequest.js';
import { readHere, type ReadHere } from '../inspect/readHere.js';
import { distrust } from '../inspect/trustIn.js';
import { localInspectionText } from '../output/localInspectionText.js';
import type { Session } from '../session.js';

interface Flags {
  readonly verify?: boolean;
  readonly trust?: readonly string[];
  readonly inventory?: string;
}

/** `waybill inspect`: what a file is, without a server. */
export const inspect: Registration = (program, surroundings) => {
  const at = (file: string) => resolve(surroundings.workingFolder, file);
  const command = program
    .command('inspect')
    .description('what a package holds, who signed it and whether it is sound; needs no server')
    .argument('<file>', 'a package, the index of a split one, one of its parts, or a request for layers')
    .argument('[folder...]', 'where to look for parts, beside the folder of the index')
    .option('--verify', 'read every byte, and not what is signed only')
    .option('--trust <file>', 'a publisher’s roots, or a package of it: is it signed by somebody trusted?', collected)
    .option('--inventory <file>', 'what a site has: what would it have to store?')
    .action(
      withSession(surroundings, async (session, file: string, folders: readonly string[], flags: Flags) => {
        // Slow to load, and of no use to the other commands.
        const { recognise } = await import('@waybill/packaging');
        const path = at(file);
        const recognised = await recognise(path);
        const reading = {
          verify: flags.verify === true,
          held: flags.inventory === undefined ? undefined : await heldLayers(at(flags.inventory)),
        };
        const trust = flags.trust?.map(at);
        if (recognised.kind === 'parts') {
          await inspectParts(session, recognised, folders.map(at), reading, (found) => show(session, found, trust));
          return;
        }
        if (recognised.kind === 'request') {
          await inspectRequest(session, path);
          return;
        }
        await show(session, await readHere(session, recognised.kind, { path, name: basename(path) }, reading), trust);
      }),
    );
  examples(
    command,
    'waybill inspect shop-1.0.waybill --trust publisher-roots.json',
    'waybill inspect shop-1.0.waybill --verify --inventory inventory.json',
    'waybill inspect shop-1.0.waybill.parts.json /media/usb1 /media/usb2',
    'waybill inspect backend-system-1.0-ram.tar.gz',
  );
};

/** @throws WaybillError when `--trust` is given and does not cover whoever signed it; it is shown all the same */
async function show(session: Session, { inspection, seen }: ReadHere, trust: readonly string[] | undefined) {
  const reason =
    trust === undefined || seen === undefined ? undefined : await distrust(seen.signer, trust, inspection.file.name);
  const told =
    trust === undefined || seen === undefined
      ? inspection
      : {
          ...inspection,
          trust: reason === undefined ? { trusted: true } : { trusted: false, reason: reason.message },
        };
  session.show(told, () => localInspectionText(told));
  if (reason !== undefined) throw reason;
}
