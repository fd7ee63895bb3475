import { digestOf, hexOf, derivedId, type CanonicalValue, type CommandId } from '@waybill/kernel';
import type { Actor, CommandContext } from './event.js';

/**
 * The context of what the store layer writes for itself (documents, claims). There is no caller who could repeat it with another payload,
 * and nothing secret in it, so a plain digest stands where a keyed one does elsewhere.
 */
export const serverContext = (actor: Actor, subject: string, payload: CanonicalValue): CommandContext => {
  const digest = hexOf(digestOf(payload));
  return {
    commandId: derivedId('server-command', subject, digest) as CommandId,
    commandDigest: digest,
    correlationId: subject,
    actor,
    channel: 'system',
  };
};
