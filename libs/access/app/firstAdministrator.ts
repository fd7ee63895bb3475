import { handle, type CommandContext, type EventStore } from '@waybill/event-store';
import { digestOf, hexOf, type AccountId, type Clock, type CommandId, type IdSource } from '@waybill/kernel';
import type { Account } from '../domain/account.js';
import { accountDecider } from '../domain/accountDecider.js';
import { accountSerde } from '../domain/serde.js';
import { accountId, accountStream } from '../domain/accountName.js';
import { tokenHash, tokenOf } from '../domain/token.js';
import { allAccounts, hasAdministrator } from './administrators.js';

/** The file in which the command line finds the administrator's token. */
export interface TokenFile {
  read(): Promise<string | undefined>;
  /** Whole or not at all, readable by its owner only. */
  write(token: string): Promise<void>;
}

/**
 * Lets the first administrator in: when no valid administrator's token is in the log, or the file holds one of another log, a new one is made.
 * The file is written first: a token in the log that nobody has would be worse than one in a file that is not valid.
 * @returns the token when one was made, to be shown once
 */
export async function firstAdministrator(options: {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly random: () => Uint8Array;
  readonly file: TokenFile;
}): Promise<string | undefined> {
  const { store, clock, ids, random, file } = options;
  const known = await allAccounts(store);
  const now = clock.now();
  const inFile = await file.read();
  const ofAnotherLog = inFile !== undefined && !holds(known, inFile);
  if (hasAdministrator(known, now) && !ofAnotherLog) return undefined;

  const token = tokenOf(random());
  const account = accountId('administrator');
  const context = systemContext(ids);
  await file.write(token);
  await handle(
    { store, serde: accountSerde, decider: accountDecider, clock },
    accountStream(account),
    {
      type: 'issue-token',
      now,
      token: {
        account,
        tokenId: context.commandId,
        hash: tokenHash(token),
        roles: ['admin'],
        holder: 'person',
        label: 'made at the start of the server',
      },
    },
    context,
  );
  return token;
}

function holds(known: ReadonlyMap<AccountId, Account>, token: string): boolean {
  const hash = tokenHash(token);
  return [...known.values()].some((account) => account.tokens.some((issued) => issued.hash === hash));
}

function systemContext(ids: IdSource): CommandContext {
  const commandId = ids.next() as CommandId;
  return {
    commandId,
    commandDigest: hexOf(digestOf({ command: 'first-administrator', commandId })),
    correlationId: commandId,
    actor: { id: 'waybill' as AccountId, kind: 'system', role: 'system' },
    channel: 'system',
  };
}
