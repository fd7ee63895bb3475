import { printable } from '@waybill/kernel';
import type { IssuedTokenView, TokenView } from '../api/token.js';
import { allPages } from '../client/allPages.js';
import { pathTo } from '../client/client.js';
import { timeText } from '../output/amounts.js';
import { table } from '../output/table.js';
import { collected, examples, withSession, type Registration } from './command.js';

interface CreateFlags {
  readonly role: readonly string[];
  readonly label?: string;
  readonly expires?: string;
  readonly program?: boolean;
}

/** `waybill token …`: who may do what. */
export const tokens: Registration = (program, surroundings) => {
  const group = program.command('token').description('who may do what');
  examples(
    group,
    'waybill token create maria --role operator --role auditor',
    'waybill token create pipeline --program --role publisher --expires 2027-01-01T00:00:00Z',
    'waybill token list',
  );
  group
    .command('create')
    .description('issue a token; it is shown this once')
    .argument('<account>', 'made when it is new')
    .requiredOption('--role <role>', 'publisher, operator, approver, auditor or admin; may be given again', collected)
    .option('--label <text>', 'what it is for')
    .option('--expires <time>', 'RFC 3339; valid until revoked, when absent')
    .option('--program', 'a program holds it, not a person')
    .action(
      withSession(surroundings, async (session, account: string, flags: CreateFlags) => {
        const { role: roles, label, expires, program: byProgram } = flags;
        const issued = await session.client.post<IssuedTokenView>('/tokens', {
          account,
          roles,
          ...(label === undefined ? {} : { label }),
          ...(expires === undefined ? {} : { expiresAt: expires }),
          ...(byProgram === true ? { holder: 'token' } : {}),
        });
        session.show(issued, () => `${issued.token ?? ''}\n`);
        if (!session.json) session.remark(issuedRemark(issued));
      }),
    );
  group
    .command('list')
    .description('list tokens, revoked ones included')
    .action(
      withSession(surroundings, async (session) => {
        const page = await allPages<TokenView>(session.client, '/tokens');
        session.show(page, () => tokensText(page.items));
      }),
    );
  group
    .command('revoke')
    .description('revoke a token, from now on')
    .argument('<token-id>')
    .action(
      withSession(surroundings, async (session, id: string) => {
        await session.client.delete(pathTo('tokens', id));
        session.remark(`Revoked ${printable(id)}.`);
      }),
    );
};

const issuedRemark = ({ account, id, roles, token }: IssuedTokenView): string =>
  printable(
    token === undefined
      ? `The token ${id} of ${account} was issued before; it is shown once only.`
      : `The token ${id} of ${account} (${roles.join(', ')}), shown this once.`,
  );

const tokensText = (found: readonly TokenView[]): string =>
  table(
    ['id', 'account', 'roles', 'holder', 'issued', 'expires', 'revoked', 'label'],
    found.map(({ id, account, roles, holder, issuedAt, expiresAt, revokedAt, label }) => [
      id,
      account,
      roles.join(', '),
      holder,
      timeText(issuedAt),
      timeText(expiresAt),
      timeText(revokedAt),
      label ?? '',
    ]),
  );
