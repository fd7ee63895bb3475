import { derivedId, type CommandId } from '@waybill/kernel';
import type { CommandContext } from '@waybill/event-store';
import type { DeliveryDependencies } from './dependencies.js';

/** The context of what the server does on its own account; the same purpose is the same command. */
export function serverContext(deps: Pick<DeliveryDependencies, 'actor'>, purpose: string): CommandContext {
  const commandId = derivedId('server-command', deps.actor.id, purpose) as CommandId;
  return { commandId, commandDigest: '', correlationId: commandId, actor: deps.actor, channel: 'system' };
}
