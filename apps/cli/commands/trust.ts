import { resolve } from 'node:path';
import { printable } from '@waybill/kernel';
import type { AddedPublisherView, TrustView } from '../api/trust.js';
import { ending } from '../ending.js';
import { publisherText, trustText } from '../output/trustText.js';
import type { Session } from '../session.js';
import { examples, withSession, type Registration } from './command.js';

/** `waybill trust …`: whose packages are taken. */
export const trust: Registration = (program, surroundings) => {
  const group = program.command('trust').description('whose packages of the waybill format are taken here');
  examples(
    group,
    'waybill trust add publisher-roots.json --fingerprint sha256:4f1c…',
    'waybill trust list',
    'waybill trust revoke SHA256:AbC… --reason "stolen, by telephone from Ms Weber"',
  );
  group
    .command('list')
    .description('list trusted publishers, their keys, keys revoked here, and what was taken without trust')
    .action(
      withSession(surroundings, async (session) => {
        const view = await session.client.get<TrustView>('/trust');
        session.show(view, () => trustText(view));
      }),
    );
  group
    .command('add')
    .description('trust a publisher, once its fingerprint was compared with the publisher itself')
    .argument('<file>', 'the publisher’s roots, or a package of the publisher')
    .option('--fingerprint <digest>', 'as the publisher told it, by another way than the file came')
    .action(
      withSession(surroundings, async (session, file: string, { fingerprint }: { readonly fingerprint?: string }) => {
        // Slow to load, and of no use to the other commands.
        const { rootChain, rootsInFile } = await import('@waybill/packaging');
        const roots = await rootsInFile(resolve(surroundings.workingFolder, file));
        const chain = rootChain(roots);
        if (fingerprint === undefined) throw notCompared(chain.newest.publisher, chain.publisher);
        const added = await session.client.post<AddedPublisherView>('/trust', { roots, fingerprint });
        session.show(added, () => publisherText(added.publisher));
        remarkOn(session, added);
      }),
    );
  group
    .command('revoke')
    .description('let no signature of a key count here any more')
    .argument('<key>', 'its fingerprint, SHA256:…')
    .requiredOption('--reason <text>', 'why, for the history')
    .action(
      withSession(surroundings, async (session, key: string, { reason }: { readonly reason: string }) => {
        await session.client.post('/trust/revoked-keys', { key, reason });
        session.remark(`No signature of ${printable(key)} counts here any more.`);
      }),
    );
};

const notCompared = (name: string, publisher: string) =>
  ending(
    2,
    `The file says it is of "${printable(name)}", whose fingerprint is ${publisher}.\n` +
      'Anybody can write that. Ask the publisher for the fingerprint, by another way than the file came, and give it with --fingerprint.',
  );

function remarkOn(session: Session, { publisher, changed }: AddedPublisherView): void {
  session.remark(
    printable(
      changed ? `Packages of "${publisher.name}" are taken from now on.` : `"${publisher.name}" was known already.`,
    ),
  );
}
