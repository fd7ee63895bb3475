import { digestOf, type SecretKey } from '@waybill/kernel';
import type { Plan } from '../domain/plan.js';
import { asCanonical } from './loadDocuments.js';

/**
 * Configuration files and package metadata are documents in the log just as plans are, and their authors choose every byte of them.
 * Only what this server computed may be carried out, so a plan says so in a way that nobody else can.
 * @throws WaybillError `secret-key-missing`
 */
export const sealed = (key: Pick<SecretKey, 'mac'>, plan: Plan): Plan => ({ ...plan, seal: sealOf(key, plan) });

/** Was it computed by a server with this key? @throws WaybillError `secret-key-missing` */
export const isSealed = (key: Pick<SecretKey, 'mac'>, plan: Plan): boolean => plan.seal === sealOf(key, plan);

function sealOf(key: Pick<SecretKey, 'mac'>, { seal: _seal, ...rest }: Plan): string {
  return key.mac({ plan: digestOf(asCanonical(rest)) });
}
