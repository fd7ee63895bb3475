import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import { Option } from 'commander';
import type { ExportAnswer, ExportedFileView, ExportSummaryView, InventoryView } from '../api/export.js';
import { pathTo } from '../client/client.js';
import { downloadFile } from '../client/download.js';
import { downloadParts, type DownloadedParts } from '../client/downloadParts.js';
import { serverProblem } from '../client/serverProblem.js';
import { followOperation } from '../follow.js';
import { signedIn } from '../inspect/heldLayers.js';
import { bytesText, counted } from '../output/amounts.js';
import { facts } from '../output/facts.js';
import type { Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { partNumbers, partSize } from '../settings/partOptions.js';
import { begunText, collected, examples, noWaitOption, waitOption, withSession, type Registration } from './command.js';

interface Flags {
  readonly format: string;
  readonly base?: string;
  readonly split?: string;
  readonly output?: readonly string[];
  readonly wait: boolean;
}

/** `waybill export`: a version as a package file; `waybill inventory`: what a site has, for whoever makes packages for it. */
export const exportVersion: Registration = (program, surroundings) => {
  const command = program
    .command('export')
    .description('write a version into a package file')
    .argument('<template>')
    .argument('<version>')
    .addOption(
      new Option(
        '--format <format>',
        'waybill (signed), ram for the reference system, or docker-compose to run as it is',
      )
        .choices(['waybill', 'ram', 'docker-compose'])
        .default('waybill'),
    )
    .option(
      '--base <version|file.json>',
      'leave out what the receiver has: a version, its inventory, or its request for the rest',
    )
    .option('--split <size>', 'in parts of this size with an index, such as 4g: for disks that are smaller')
    .option('-o, --output <folder>', 'where to put it; given again, further disks for parts (default: ".")', collected)
    .addOption(waitOption())
    .addOption(noWaitOption())
    .action(
      withSession(surroundings, async (session, template: string, version: string, flags: Flags) => {
        const answer = await session.client.post<ExportAnswer>('/exports', {
          template,
          version,
          format: flags.format,
          ...(await baseOf(flags.base, surroundings)),
          ...(flags.split === undefined ? {} : { split: partSize(flags.split) }),
        });
        if (flags.wait) await fetchExport(session, answer, { folders: flags.output });
        else session.show(answer, () => begunText(answer.operation));
      }),
    );
  examples(
    command,
    'waybill export backend-system 2.0 -o /media/usb',
    'waybill export backend-system 2.0 --base 1.0',
    'waybill export backend-system 2.0 --base inventory.json',
    'waybill export backend-system 2.0 --base backend-system-2.0.request.json',
    'waybill export backend-system 1.0 --format ram',
    'waybill export backend-system 2.0 --split 4g -o /media/usb1 -o /media/usb2',
    'waybill export backend-system 1.0 --format docker-compose',
  );

  const inventory = program
    .command('inventory')
    .description('what this site has, signed, so that packages for it can leave that out')
    .option('-o, --output <file>', 'where to write it; otherwise it is printed')
    .action(
      withSession(surroundings, async (session, { output }: { readonly output?: string }) => {
        const signed = await session.client.get<InventoryView>('/inventory');
        const text = `${JSON.stringify(signed)}\n`;
        if (output === undefined) {
          session.show(signed, () => text);
          return;
        }
        const path = resolve(surroundings.workingFolder, output);
        await writeFile(path, text);
        const { layers } = JSON.parse(Buffer.from(signed.payload, 'base64').toString('utf8')) as { layers: string[] };
        session.show({ path, layers: layers.length }, () => `${path} lists ${counted(layers.length, 'layer')}.\n`);
      }),
    );
  examples(inventory, 'waybill inventory -o inventory.json');
};

/** What ends in `.json` is a file with an inventory or a request, all else the number of a version. */
async function baseOf(base: string | undefined, { workingFolder }: Pick<Surroundings, 'workingFolder'>) {
  if (base === undefined) return {};
  if (!base.endsWith('.json')) return { baseVersion: base };
  return { baseInventory: await signedIn(resolve(workingFolder, base)) };
}

function placesOf(
  fetched: { readonly path: string } | DownloadedParts,
  { parts }: ExportedFileView,
): Parameters<typeof facts>[0] {
  if ('path' in fetched) return [['File', fetched.path]];
  const count = parts?.count ?? 0;
  return [
    ['Index', fetched.index],
    ...fetched.parts.map((path) => ['Part', path] as const),
    ['Parts', `${String(fetched.parts.length)} of ${String(count)}`],
  ];
}

export const exportOperationOf = (id: string): string => `export-${id}`;

/** Follows an export to its end, carries its file here and tells of it. @throws the failure of the export, with its own code */
export async function fetchExport(
  session: Session,
  { id, operation }: Pick<ExportAnswer, 'id' | 'operation'>,
  { folders = ['.'], parts }: { readonly folders?: readonly string[] | undefined; readonly parts?: string | undefined },
) {
  await followOperation(session, operation);
  const view = await session.client.get<ExportSummaryView>(pathTo('exports', id));
  const { file, failure, template, version } = view;
  if (failure !== undefined)
    throw serverProblem({ status: 422, title: 'The export failed', detail: failure.message, code: failure.code });
  if (file === undefined || view.state !== 'completed')
    throw new WaybillError('export-not-ready', { export: id, state: view.state });
  const wanted = partNumbers(parts);
  const [folder = '.', ...more] = folders;
  if (file.parts === undefined && (parts !== undefined || more.length > 0))
    throw new WaybillError('invalid-request', {
      reason: 'the package is in one piece: it has no parts, and one folder.',
    });
  const fetched =
    file.parts === undefined
      ? { path: await downloadFile(session, pathTo('exports', id, 'file'), file, folder) }
      : await downloadParts(session, id, file.parts, { folders, wanted });
  session.show({ ...view, ...fetched }, () =>
    facts([
      ...placesOf(fetched, file),
      ['Version', `${version} of ${template}`],
      ['Size', bytesText(file.size)],
      ['Digest', file.digest],
      ['Signed by', file.signer?.key ?? 'nobody: the format has no signatures'],
      ['Publisher', file.signer?.publisher],
    ]),
  );
  if (view.notCarried !== undefined && view.notCarried.length > 0)
    session.remark(
      `Not carried:\n${view.notCarried.map(({ subject, message }) => `  ${subject}: ${message}`).join('\n')}`,
    );
  session.remark(`It stays on the server as well. Remove it there with: waybill exports remove ${id}`);
}
