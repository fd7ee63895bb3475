import { isIPv4 } from 'node:net';
import { WaybillError } from '@waybill/kernel';

/** An IPv4 network with room for at least one instance (two /26). @throws WaybillError `configuration-invalid` */
export function cidr(name: string, text: string): string {
  const [address = '', length = ''] = text.split('/');
  const invalid = (reason: string) => new WaybillError('configuration-invalid', { name, reason });
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length))
    throw invalid(`"${text}" is not an IPv4 network such as 10.213.0.0/16.`);
  const prefix = Number(length);
  if (prefix < 8 || prefix > 25) throw invalid('the network must be between /8 and /25.');
  const bits = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  if (bits % 2 ** (32 - prefix) !== 0) throw invalid(`"${text}" has bits set behind its prefix.`);
  return text;
}
