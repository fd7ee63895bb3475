import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printable } from '@waybill/kernel';
import type { DifferenceView, StandingView, TemplateView, VersionDetailsView, VersionView } from '../api/catalog.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { differenceText, templatesText, templateText, versionsText, versionText } from '../output/catalogText.js';
import { attachSboms, sbomArguments } from '../sboms.js';
import { examples, withSession, yesOption, type Registration } from './command.js';

/** `waybill template …`: what the catalog has. */
export const templates: Registration = (program, surroundings) => {
  const group = program.command('template').description('what the catalog has; templates by key or unambiguous name');
  examples(
    group,
    'waybill template list',
    'waybill template show backend-system',
    'waybill template diff backend-system 1.0 2.0',
    'waybill template withdraw backend-system 1.0 --reason "loses orders" --yes',
  );
  group
    .command('list')
    .description('list templates')
    .action(
      withSession(surroundings, async (session) => {
        const page = await allPages<TemplateView>(session.client, '/templates');
        session.show(page, () => templatesText(page.items));
      }),
    );
  group
    .command('show')
    .description('show a template, or one of its versions')
    .argument('<template>')
    .argument('[version]')
    .action(
      withSession(surroundings, async (session, template: string, version: string | undefined) => {
        if (version === undefined) {
          const found = await session.client.get<TemplateView>(pathTo('templates', template));
          session.show(found, () => templateText(found));
          return;
        }
        const path = pathTo('templates', template, 'versions', version);
        const found = await session.client.get<VersionDetailsView>(path);
        session.show(found, () => versionText(found));
      }),
    );
  group
    .command('versions')
    .description('list the versions of a template, lowest first')
    .argument('<template>')
    .action(
      withSession(surroundings, async (session, template: string) => {
        const list = await allPages<VersionView>(session.client, pathTo('templates', template, 'versions'));
        session.show(list, () => versionsText(list.items));
      }),
    );
  group
    .command('diff')
    .description('what another version says otherwise')
    .argument('<template>')
    .argument('<version>')
    .argument('<other>')
    .action(
      withSession(surroundings, async (session, template: string, version: string, other: string) => {
        const path = pathTo('templates', template, 'versions', version, 'diff', other);
        const difference = await session.client.get<DifferenceView>(path);
        session.show(difference, () => differenceText(difference));
      }),
    );
  group
    .command('attach-sbom')
    .description('attach bills of materials (CycloneDX JSON) to images of a version')
    .argument('<template>')
    .argument('<version>')
    .argument('<image=file...>', 'an image by its reference, its digest, or a component that runs it')
    .action(
      withSession(surroundings, async (session, template: string, version: string, given: readonly string[]) => {
        const sboms = await sbomArguments(given, surroundings.workingFolder);
        const attached = await attachSboms(session, { template, version }, sboms);
        session.show(attached, () => attached.map(({ digest }) => `${digest}\n`).join(''));
      }),
    );
  group
    .command('sbom')
    .description('print a bill of materials of a version, or write it to a file')
    .argument('<template>')
    .argument('<version>')
    .argument('<digest>', 'as waybill template show lists it')
    .option('-o, --output <file>', 'where to write it')
    .action(
      withSession(
        surroundings,
        async (
          session,
          template: string,
          version: string,
          digest: string,
          { output }: { readonly output?: string },
        ) => {
          const text = await session.client.text(pathTo('templates', template, 'versions', version, 'sboms', digest));
          if (output === undefined) {
            surroundings.terminal.out(text);
            return;
          }
          const path = resolve(surroundings.workingFolder, output);
          await writeFile(path, text);
          session.show({ path }, () => printable(`${path}\n`));
        },
      ),
    );
  group
    .command('release')
    .description('mark a version as the one its publisher stands for')
    .argument('<template>')
    .argument('<version>')
    .action(
      withSession(surroundings, async (session, template: string, version: string) => {
        const path = pathTo('templates', template, 'versions', version, 'release');
        const standing = await session.client.post<StandingView>(path, {});
        session.show(standing, () => standingSentence(standing, 'released'));
      }),
    );
  group
    .command('withdraw')
    .description('take a version from offer, for good; instances that run it go on')
    .argument('<template>')
    .argument('<version>')
    .requiredOption('--reason <text>', 'why, for the history and for all who get later packages')
    .addOption(yesOption())
    .action(
      withSession(
        surroundings,
        async (
          session,
          template: string,
          version: string,
          { reason, yes = false }: { readonly reason: string; readonly yes?: boolean },
        ) => {
          await session.confirm(`Withdraw version ${version} of ${template} for good`, yes);
          const path = pathTo('templates', template, 'versions', version, 'withdraw');
          const standing = await session.client.post<StandingView>(path, { reason });
          session.show(standing, () => standingSentence(standing, 'withdrawn'));
        },
      ),
    );
};

const standingSentence = ({ template, version, changed, withdrawn }: StandingView, what: string): string =>
  `${printable(`Version ${version} of ${template} is ${changed ? 'now ' : ''}${what}${changed ? '' : ' already'}${withdrawn === undefined ? '' : `: ${withdrawn}`}`)}\n`;
