import { printable } from '@waybill/kernel';
import type { PublishedView } from '../api/catalog.js';
import { pathTo } from '../client/client.js';
import { uploadFile } from '../client/upload.js';
import { showingProgress } from '../follow.js';
import { bytesText, counted } from '../output/amounts.js';
import { noticesText } from '../output/catalogText.js';
import { collected, examples, withSession, type Registration } from './command.js';

interface Flags {
  readonly template?: string;
  readonly version?: string;
  readonly images?: readonly string[];
  readonly notes?: string;
  readonly dryRun?: boolean;
}

/** `waybill publish`: a version from its metadata and the archives of its images. */
export const publish: Registration = (program, surroundings) => {
  const command = program
    .command('publish')
    .description('publish a version of a template')
    .argument('<metadata.json>')
    .option('--template <key>', 'the key that the metadata is expected to say')
    .option('--version <number>', 'the version that the metadata is expected to say')
    .option('--images <archive.tar>', 'an image archive (docker save or OCI layout); may be given again', collected)
    .option('--notes <text>', 'what is new, for people')
    .option('--dry-run', 'check everything and write nothing')
    .action(
      withSession(surroundings, async (session, metadata: string, flags: Flags) => {
        const { template, version, notes, dryRun } = flags;
        const metadataUpload = await uploadFile(session, metadata);
        const images: { upload: string }[] = [];
        for (const archive of flags.images ?? []) images.push({ upload: await uploadFile(session, archive) });
        session.progress.show('verifying and storing');
        const key = surroundings.randomId();
        const published = await showingProgress(
          session,
          `publish-${key}`,
          session.client.post<PublishedView>(
            template === undefined ? '/templates' : pathTo('templates', template, 'versions'),
            {
              metadataUpload,
              images,
              ...(version === undefined ? {} : { version }),
              ...(notes === undefined ? {} : { notes }),
            },
            { dryRun },
            key,
          ),
        );
        session.show(published, () => publishedText(published));
      }),
    );
  examples(command, 'waybill publish metadata.json --template backend-system --version 1.0 --images images.tar');
};

function publishedText({ template, version, manifestDigest, outcome, stored, notices }: PublishedView): string {
  const name = printable(`version ${version} of ${template}`);
  const sentences: Readonly<Record<PublishedView['outcome'], string>> = {
    published: `Published ${name}: ${counted(stored.layers, 'new layer')}, ${bytesText(stored.bytes)}.`,
    'already-present': `Nothing to do: ${name} is in the catalog already, with the same content.`,
    checked: `Checked: ${name} could be published.`,
  };
  return `${sentences[outcome]}\nmanifest ${manifestDigest}\n${noticesText(notices)}`;
}
