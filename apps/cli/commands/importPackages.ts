import { WaybillError } from '@waybill/kernel';
import type { ImportAnswer, ImportView } from '../api/import.js';
import { pathTo } from '../client/client.js';
import { ending, isEnding } from '../ending.js';
import { uploadFile } from '../client/upload.js';
import { followImport } from './followImport.js';
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
    .argument('<file...>')
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
        for (const file of files) await importOne(session, file, flags);
      }),
    );
  examples(
    command,
    'waybill import backend-system-1.0-ram.tar.gz',
    'waybill import --confirm *.tar.gz',
    'waybill import shop-1.0.waybill --accept-publisher sha256:4f1c…',
    'waybill import --server-path /media/usb/backend-system-2.0-ram.tar.gz',
  );
};

async function importOne(session: Session, file: string, flags: Flags): Promise<void> {
  const { client, json } = session;
  const { confirm = false, version, acceptUnsigned, acceptPublisher } = flags;
  const source = flags.serverPath === true ? { path: file } : { upload: await uploadFile(session, file) };
  const answer = await client.post<ImportAnswer>('/imports', {
    ...source,
    confirm,
    ...(version === undefined || !confirm ? {} : { version }),
    ...(acceptUnsigned === undefined ? {} : { acceptUnsigned }),
    ...(acceptPublisher === undefined ? {} : { acceptPublisher }),
  });
  if (!flags.wait) {
    session.show(answer, () => begunText(answer.operation));
    return;
  }
  const view = await followImport(session, answer, {
    show: confirm || json || !session.surroundings.terminal.interactive,
  });
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
  const body = version === undefined ? {} : { version };
  await followImport(session, await session.client.post<ImportAnswer>(pathTo('imports', shown.id, 'confirm'), body), {
    show: true,
    brief: true,
  });
}

const howToGoOn = (id: string): string =>
  `Nothing counts yet. Take it with: waybill imports confirm ${id}\nOr give it up with: waybill imports discard ${id}`;
