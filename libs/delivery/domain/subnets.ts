import { WaybillError } from '@waybill/kernel';

const PREFIX = 26;
const SIZE = 2 ** (32 - PREFIX);

/** The /26 networks of a pool such as `10.213.0.0/16`, lowest first, that pass the filter. @throws WaybillError `configuration-invalid` */
export function* subnetsOf(pool: string, free: (subnet: string) => boolean): Generator<string, undefined> {
  const { first, last } = rangeOf(pool);
  for (let address = first; address + SIZE - 1 <= last; address += SIZE) {
    const subnet = `${dotted(address)}/${PREFIX}`;
    if (free(subnet)) yield subnet;
  }
  return undefined;
}

function rangeOf(pool: string): { readonly first: number; readonly last: number } {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(pool);
  const parts = match?.slice(1).map(Number) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = parts;
  if ([a, b, c, d].some((part) => part > 255) || bits > PREFIX) {
    throw new WaybillError('configuration-invalid', {
      name: 'WAYBILL_NETWORK_POOL',
      reason: `"${pool}" is no IPv4 network of at least /${PREFIX}, such as 10.213.0.0/16`,
    });
  }
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
