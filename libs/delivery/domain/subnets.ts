import { WaybillError } from '@waybill/kernel';

const PREFIX = 26;
const SIZE = 2 ** (32 - PREFIX);

/** Containers that one of them has room for: its first address is its own, the next the engine's, the last everybody's. */
export const ROOM = SIZE - 3;

/** The /26 networks of a pool such as `10.213.0.0/16`, lowest first, that pass the filter. @throws WaybillError `configuration-invalid` */
export function* subnetsOf(pool: string, free: (subnet: string) => boolean): Generator<string, undefined> {
  const { first, last } = rangeOf(pool);
  for (let address = first; address + SIZE - 1 <= last; address += SIZE) {
    const subnet = `${dotted(address)}/${PREFIX}`;
    if (free(subnet)) yield subnet;
  }
  return undefined;
}

/** Have two networks an address in common? One that cannot be read is taken to have none. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [addressesOf(a), addressesOf(b)];
  return one !== undefined && other !== undefined && one.first <= other.last && other.first <= one.last;
}

interface Addresses {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

function rangeOf(pool: string): Addresses {
  const range = addressesOf(pool);
  if (range === undefined || range.bits > PREFIX) {
    throw new WaybillError('configuration-invalid', {
      name: 'WAYBILL_NETWORK_POOL',
      reason: `"${pool}" is no IPv4 network of at least /${PREFIX}, such as 10.213.0.0/16`,
    });
  }
  return range;
}

function addressesOf(cidr: string): Addresses | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = match?.slice(1).map(Number) ?? [];
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, bits };
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
