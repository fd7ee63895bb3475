import { WaybillError } from '@waybill/kernel';

/**
 * The lowest address of the subnet that nothing has. Every container has a fixed address of its own for as long as it exists:
 * so it can leave and rejoin the network without its connections breaking, and no other container is given the address while it is stopped.
 * @param cidr IPv4, such as `10.80.0.0/26`; its first address is the engine's
 * @throws WaybillError `engine-refused` when none is left
 */
export function freeAddress(cidr: string, taken: ReadonlySet<string>): string {
  const [base = '', bits = ''] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const network = Math.floor(toNumber(base) / size) * size;
  for (let offset = 2; offset < size - 1; offset += 1) {
    const address = toText(network + offset);
    if (!taken.has(address)) return address;
  }
  throw new WaybillError('engine-refused', {
    action: 'give a container an address',
    reason: `the subnet ${cidr} has no free address left`,
  });
}

const toNumber = (address: string): number => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);

const toText = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
