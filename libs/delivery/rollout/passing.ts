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
