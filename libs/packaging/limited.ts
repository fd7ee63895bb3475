import { WaybillError } from '@waybill/kernel';

/** @throws WaybillError `package-limit-exceeded` when there is more of something than is allowed; `entry` says where */
export function limited(what: string, found: number, limit: number, entry: string): void {
  if (found > limit) throw new WaybillError('package-limit-exceeded', { what, limit, entry });
}
