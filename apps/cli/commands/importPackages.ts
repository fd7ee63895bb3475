import { basename, resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import type { ImportAnswer, ImportView } from '../api/import.js';
import { pathTo } from '../client/client.js';
import { ending, isEnding } from '../ending.js';
import { uploadFile } from '../client/upload.js';
import { importText } from '../output/inspectionText.js';
import { confirmImport, followImport } from './followImport.js';
import { importParts, importPartsThere, namedFiles } from './importParts.js';
import { begunText, examples, noWaitOption, waitOption, withSession, type Registration } from './command.js';
import type { Session } from '../session.js';

interface Flags {
  readonly confirm?: boolean;
  readonly serverPath?: boolean;
  readonly version?: string;
  readonly acceptUnsigned?: string;
  readonly acceptPublisher?: string;
  readonly wait: boolean;
}

/** `waybill import`: packages into the catalog, looked at before they count. */
export const importPackages: Registration = (program, surroundings) => {
  const command = program
    .command('import')
    .description('take packages into the catalog')
    .argument('<file...>', 'packages, or the index of a split one, with parts or folders they lie in')
    .option('--confirm', 'confirm in advance: take it when nothing speaks against it')
    .option('--server-path', 'the files lie on the server, below one of its import folders')
    .option('--version <number>', 'take it under this number')
    .option('--accept-unsigned <reason>', 'take it though nobody signed it; the reason stays on record')
    .option('--accept-publisher <fingerprint>', 'take it though its publisher is not trusted here')
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(surroundings, async (session, files: readonly string[], flags: Flags) => {
        if (flags.version !== undefined && files.length > 1)
          throw new WaybillError('invalid-request', { reason: '--version names one number, so name one file.' });
        if (flags.acceptUnsigned !== undefined && files.length > 1)
          throw new WaybillError('invalid-request', { reason: '--accept-unsigned accepts one file by name.' });
        const named = await namedFiles(session, files, flags.serverPath === true);
        if (named.packages.length + named.indexes.length === 0)
          throw new WaybillError('invalid-request', {
            reason: `no index of a split package (NAME.parts.json) is named, or lies in ${named.places.join(', ')}.`,
          });
        for (const file of named.packages) await importOne(session, file, flags);
        for (const index of named.indexes) await importSplit(session, index, named.places, flags);
      }),
    );
  examples(
    command,
    'waybill import backend-system-1.0-ram.tar.gz',
    'waybill import --confirm *.tar.gz',
    'waybill import shop-1.0.waybill --accept-publisher sha256:4f1c…',
    'waybill import shop-1.0.waybill.parts.json /media/usb1 /media/usb2',
    'waybill import --server-path /media/usb/backend-system-2.0-ram.tar.gz',
  );
};

async function importOne(session: Session, file: string, flags: Flags): Promise<void> {
  if (flags.serverPath !== true) await mustBePackage(resolve(session.surroundings.workingFolder, file));
  await follow(session, await request(session, file, flags), flags);
}

/** What is another file altogether is called by its name, and not carried to the server. @throws WaybillError `package-not-a-template` and those of `recognise` */
async function mustBePackage(path: string): Promise<void> {
  const { recognise } = await import('@waybill/packaging');
  if ((await recognise(path)).kind === 'request')
    throw new WaybillError('package-not-a-template', {
      file: basename(path),
      what: 'a request for layers that a site lacks',
      advice: 'Its publisher answers it: waybill export KEY V --base FILE.',
    });
}

/** A split package: what is here of it is sent, in whatever order it comes, and it is looked at once all is there. */
async function importSplit(session: Session, index: string, places: readonly string[], flags: Flags): Promise<void> {
  const begin = () => request(session, index, flags);
  const { answer, bad } =
    flags.serverPath === true
      ? await importPartsThere(session, index, places, begin)
      : await importParts(session, index, places, begin);
  const view = await session.client.get<ImportView>(pathTo('imports', answer.id));
  if (view.state !== 'collecting') return follow(session, await confirmed(session, view, flags), flags);
  session.show(view, () => importText(view));
  tellMissing(session, view, bad);
}

/** What an earlier command began without `--confirm`, or for another number, waits for a person: whoever gives it now is one. */
async function confirmed(session: Session, view: ImportView, flags: Flags): Promise<ImportAnswer> {
  const { confirm = false, version, wait } = flags;
  if (!confirm || (view.confirm && version === undefined)) return view;
  const { state } = view.state === 'reading' && wait ? await followImport(session, view, { show: false }) : view;
  return state === 'inspected' ? confirmImport(session, view.id, version) : view;
}

/** @throws WaybillError `part-differs` naming all that are not what they should be, be it here or there */
function tellMissing(session: Session, { source, parts }: ImportView, bad: readonly string[] = []): void {
  const there = (parts?.missing ?? []).filter(({ reason }) => reason === 'differs').map(({ name }) => name);
  if (bad.length + there.length > 0)
    throw new WaybillError('part-differs', {
      part: [...bad, ...there].join(', '),
      package: source.name,
      expected: 'what the index lists',
      actual: 'something else',
    });
  session.remark('Give the rest when you have it: the same command with the folder that the parts are in.');
}

async function request(session: Session, file: string, flags: Flags): Promise<ImportAnswer> {
  const { confirm = false, version, acceptUnsigned, acceptPublisher } = flags;
  const source = flags.serverPath === true ? { path: file } : { upload: await uploadFile(session, file) };
  return session.client.post<ImportAnswer>('/imports', {
    ...source,
    confirm,
    ...(version === undefined || !confirm ? {} : { version }),
    ...(acceptUnsigned === undefined ? {} : { acceptUnsigned }),
    ...(acceptPublisher === undefined ? {} : { acceptPublisher }),
  });
}

async function follow(session: Session, answer: ImportAnswer, flags: Flags): Promise<void> {
  const { json } = session;
  const { confirm = false, version } = flags;
  if (!flags.wait) {
    session.show(answer, () => begunText(answer.operation));
    return;
  }
  const isShown = confirm || json || !session.surroundings.terminal.interactive;
  const view = await followImport(session, answer, { show: isShown });
  if (view.state === 'collecting') {
    if (!isShown) session.show(view, () => importText(view));
    tellMissing(session, view);
  }
  if (view.state !== 'inspected') return;
  if (json || !session.surroundings.terminal.interactive) {
    session.remark(howToGoOn(view.id));
    return;
  }
  await askAndConfirm(session, view, version);
}

async function askAndConfirm(session: Session, view: ImportView, version: string | undefined): Promise<void> {
  const { inspection } = view;
  const shown = await followImport(session, view, { show: true });
  const what = `Import version ${version ?? inspection?.version ?? ''} of ${inspection?.template.name ?? 'the package'}`;
  try {
    await session.confirm(what, false);
  } catch (error) {
    throw isEnding(error) ? ending(error.exit, howToGoOn(view.id)) : error;
  }
  await followImport(session, await confirmImport(session, shown.id, version), { show: true, brief: true });
}

const howToGoOn = (id: string): string =>
  `Nothing counts yet. Take it with: waybill imports confirm ${id}\nOr give it up with: waybill imports discard ${id}`;
