import { isWaybillError } from '@waybill/kernel';

/** Failures that are about the moment, not about the plan: waiting and going on is right. */
const passing: ReadonlySet<string> = new Set([
  'engine-unreachable',
  'engine-timeout',
  'store-unavailable',
  'disk-full',
  'secret-key-missing',
  'conflict',
  // Not this runner's to judge any longer: it stops, and nothing is undone.
  'claim-lost',
]);

export const isPassing = (error: unknown): boolean => isWaybillError(error) && passing.has(error.code);

/** Why a rollout waits or goes back, for people. */
export const reasonOf = (error: unknown): string =>
  isWaybillError(error) ? error.message : 'an unexpected failure; the server’s log has the details';

/**
 * Did the engine fail at a call, instead of refusing it? It may be on its way down, or up, and do the same in a moment; when it goes on
 * failing, that is the answer.
 */
export const isEngineTrouble = (error: unknown): boolean =>
  isWaybillError(error) && error.code === 'engine-refused' && Number(error.details['status']) >= 500;
