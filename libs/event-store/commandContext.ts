import {
  derivedId,
  type AccountId,
  type CanonicalValue,
  type CommandId,
  type EventId,
  type SecretKey,
} from '@waybill/kernel';
import type { Actor, Channel, CommandContext, PersonalData, RecordedEvent } from './event.js';

/**
 * The context of a command that came from outside. The same account and Idempotency-Key always give the same command id, on any server;
 * the keyed MAC of the payload tells a repeated command from another one under the same key.
 * One context serves one stream: use `childContext` for each further one.
 */
export function commandContext(options: {
  readonly secretKey: Pick<SecretKey, 'mac'>;
  readonly account: AccountId;
  readonly idempotencyKey: string;
  readonly payload: CanonicalValue;
  readonly actor: Actor;
  readonly channel: Channel;
  readonly correlationId: string;
  readonly causationId?: EventId | undefined;
  readonly personal?: PersonalData | undefined;
  readonly dryRun?: boolean | undefined;
}): CommandContext {
  return {
    commandId: commandIdOf(options.account, options.idempotencyKey),
    commandDigest: options.secretKey.mac(options.payload),
    correlationId: options.correlationId,
    ...(options.causationId === undefined ? {} : { causationId: options.causationId }),
    actor: options.actor,
    channel: options.channel,
    ...(options.personal === undefined ? {} : { personal: options.personal }),
    ...(options.dryRun === true ? { dryRun: true } : {}),
  };
}

/** What an account's command is called that came with this Idempotency-Key. */
export const commandIdOf = (account: AccountId, idempotencyKey: string): CommandId =>
  derivedId('command', account, idempotencyKey) as CommandId;

/** The context of a follow-up command on another stream, or of a later step: its own id, always the same for the same parent and purpose. */
export function childContext(
  parent: CommandContext,
  purpose: string,
  options: { readonly causationId?: EventId | undefined } = {},
): CommandContext {
  return {
    ...parent,
    commandId: derivedId('child-command', parent.commandId, purpose) as CommandId,
    ...(options.causationId === undefined ? {} : { causationId: options.causationId }),
  };
}

/**
 * The context of what the server does because of a recorded event, e.g. a process that goes on after a restart:
 * derived from that event alone, so that doing it twice is doing it once.
 */
export function followUpContext(
  cause: Pick<RecordedEvent, 'id' | 'metadata'>,
  purpose: string,
  actor: Actor,
): CommandContext {
  return {
    commandId: derivedId('follow-up-command', cause.id, purpose) as CommandId,
    commandDigest: cause.metadata.commandDigest,
    correlationId: cause.metadata.correlationId,
    causationId: cause.id,
    actor,
    channel: 'system',
  };
}
