import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { canonicalJson, printable, type CanonicalValue } from '@waybill/kernel';
import type { AdvancedPublisherView, PublisherView } from '../api/publisher.js';
import { facts } from '../output/facts.js';
import { examples, withSession, type Registration } from './command.js';

/** `waybill publisher …`: who signs what this server exports. */
export const publisher: Registration = (program, surroundings) => {
  const group = program.command('publisher').description('who signs what is exported here, and with which key');
  examples(
    group,
    'waybill publisher show -o publisher-roots.json',
    'waybill publisher rotate',
    'waybill publisher revoke SHA256:AbC… --reason "the laptop was stolen"',
  );
  group
    .command('show')
    .description('the publisher that the server is; with -o its roots, which a site takes with: waybill trust add')
    .option('-o, --output <file>', 'write the roots to a file')
    .action(
      withSession(surroundings, async (session, { output }: { readonly output?: string }) => {
        const found = await session.client.get<PublisherView>('/publisher');
        if (output !== undefined) {
          const path = resolve(surroundings.workingFolder, output);
          await writeFile(path, canonicalJson(found.roots as unknown as CanonicalValue));
          session.remark(printable(`The roots were written to ${path}.`));
        }
        session.show(found, () => publisherText(found));
      }),
    );
  group
    .command('rotate')
    .description('sign with another key from now on; sites follow by themselves')
    .action(
      withSession(surroundings, async (session) => {
        const done = await session.client.post<AdvancedPublisherView>('/publisher/rotate', {});
        session.show(done, () => publisherText(done.publisher));
      }),
    );
  group
    .command('revoke')
    .description('let no signature of a key of this publisher count any more, at every site that sees a later package')
    .argument('<key>', 'its fingerprint, SHA256:…')
    .requiredOption('--reason <text>', 'why, for the history and for all sites')
    .action(
      withSession(surroundings, async (session, key: string, { reason }: { readonly reason: string }) => {
        const done = await session.client.post<AdvancedPublisherView>('/publisher/revoked-keys', { key, reason });
        session.show(done, () => publisherText(done.publisher));
        if (!done.changed) session.remark('It was revoked already.');
      }),
    );
};

const publisherText = ({ publisher: id, name, root, key, keys, revoked }: PublisherView): string =>
  facts([
    ['Publisher', name],
    ['Fingerprint', id],
    ['Newest root', String(root)],
    ['Signs with', key],
    ['Keys', keys.join(', ')],
    ['Revoked', revoked.length === 0 ? undefined : revoked.map((one) => `${one.key} (${one.reason})`).join(', ')],
  ]);
