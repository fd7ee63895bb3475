import { printable, WaybillError } from '@waybill/kernel';
import type { PublishedView } from '../api/catalog.js';
import { pathTo } from '../client/client.js';
import { uploadFile } from '../client/upload.js';
import { readComposeFiles } from '../composeFiles.js';
import { showingProgress } from '../follow.js';
import { bytesText, counted } from '../output/amounts.js';
import { differenceText, noticesText } from '../output/catalogText.js';
import { attachSboms, sbomArguments } from '../sboms.js';
import type { Session } from '../session.js';
import { collected, examples, withSession, type Registration } from './command.js';

interface Flags {
  readonly template?: string;
  readonly version?: string;
  readonly images?: readonly string[];
  readonly from?: readonly string[];
  readonly fromInstance?: string;
  readonly notes?: string;
  readonly dryRun?: boolean;
  readonly sbom?: readonly string[];
}

/** `waybill publish`: a version from a Compose file or the metadata of the reference system, and its images. */
export const publish: Registration = (program, surroundings) => {
  const command = program
    .command('publish')
    .description('publish a version of a template')
    .argument('[compose.yaml|metadata.json]')
    .option('--template <key>', 'the key of the template; metadata.json must say the same')
    .option('--version <number>', 'the number of the version; metadata.json must say the same')
    .option('--images <archive.tar>', 'an image archive (docker save or OCI layout); may be given again', collected)
    .option(
      '--from <engine|registry>',
      'where the server takes the images that are in no archive; may be given again',
      collected,
    )
    .option('--from-instance <name>', 'what runs in an instance becomes the next version of its template')
    .option('--notes <text>', 'what is new, for people')
    .option(
      '--sbom <image=file>',
      'attach a bill of materials (CycloneDX JSON) to an image: its reference, or a component that runs it; may be given again',
      collected,
    )
    .option('--dry-run', 'check everything and write nothing')
    .action(
      withSession(surroundings, async (session, file: string | undefined, flags: Flags) => {
        const { template, version, notes, dryRun, from = [], fromInstance } = flags;
        if (!from.every((place) => place === 'engine' || place === 'registry'))
          throw new WaybillError('invalid-request', { reason: '--from is engine or registry.' });
        if (fromInstance !== undefined && from.length + (flags.images ?? []).length > 0)
          throw new WaybillError('invalid-request', {
            reason: 'what runs in an instance has its own images: leave --from and --images out.',
          });
        const sboms = await sbomArguments(flags.sbom ?? [], surroundings.workingFolder);
        const source = await sourceOf(session, file, fromInstance);
        const images: object[] = [];
        for (const archive of flags.images ?? []) images.push({ upload: await uploadFile(session, archive) });
        images.push(...from.map((place) => ({ from: place })));
        session.progress.show('verifying and storing');
        const key = surroundings.randomId();
        const published = await showingProgress(
          session,
          `publish-${key}`,
          session.client.post<PublishedView>(
            template === undefined ? '/templates' : pathTo('templates', template, 'versions'),
            {
              ...source,
              images,
              ...(version === undefined ? {} : { version }),
              ...(notes === undefined ? {} : { notes }),
              ...(sboms.length === 0 ? {} : { sbomsFor: sboms.map(({ image }) => image) }),
            },
            { dryRun },
            key,
          ),
        );
        session.show(published, () => publishedText(published));
        // What goes wrong from here on does not hide what is in the catalog by now.
        if (dryRun !== true) await attachSboms(session, published, sboms);
      }),
    );
  examples(
    command,
    'waybill publish compose.yaml --template shop --version 1.2.0 --from engine',
    'waybill publish compose.yaml --template shop --version 1.2.0 --from engine --sbom web=web.cdx.json',
    'waybill publish --from-instance shop-dev --version 1.3.0',
    'waybill publish metadata.json --template backend-system --version 1.0 --images images.tar',
  );
};

async function sourceOf(session: Session, file: string | undefined, instance: string | undefined): Promise<object> {
  if (file !== undefined && instance === undefined)
    return /\.ya?ml$/i.test(file) ? readComposeFiles(file) : { metadataUpload: await uploadFile(session, file) };
  if (file === undefined && instance !== undefined) return { instance };
  throw new WaybillError('invalid-request', { reason: 'name a file, or an instance with --from-instance.' });
}

function publishedText(published: PublishedView): string {
  const {
    template,
    version,
    manifestDigest,
    outcome,
    stored,
    notices,
    difference,
    left = [],
    waiting = [],
  } = published;
  const name = printable(`version ${version} of ${template}`);
  const sentences: Readonly<Record<PublishedView['outcome'], string>> = {
    published: `Published ${name}: ${counted(stored.layers, 'new layer')}, ${bytesText(stored.bytes)}.`,
    'already-present': `Nothing to do: ${name} is in the catalog already, with the same content.`,
    checked: `Checked: ${name} could be published.`,
  };
  const changes =
    difference === undefined
      ? ''
      : `What ${printable(difference.from)} said otherwise:\n${differenceText(difference.changes)}`;
  const remarks = [
    ...left.map((item) => `${item}: stays the site's own`),
    ...waiting.map((item) => `${item}: the setting waits, so the version does not have it (waybill apply)`),
    ...(published.notesKept === true ? ['its notes stay as they were, since a version never changes'] : []),
    ...(published.withdrawn === undefined
      ? []
      : [`it was withdrawn and stays so; publish it under another number: ${published.withdrawn}`]),
  ];
  const told = remarks.map((remark) => `! ${printable(remark)}\n`).join('');
  return `${sentences[outcome]}\nmanifest ${manifestDigest}\n${noticesText(notices)}${told}${changes}`;
}
