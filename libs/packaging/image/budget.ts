import { WaybillError } from '@waybill/kernel';
import type { ReadLimits } from '../package.js';

/** How much a package may still unpack to. */
export interface Budget {
  /** Bytes. */
  left(): number;
  /** @throws WaybillError `package-limit-exceeded` */
  spend(bytes: number, entry: string): void;
}

/** A small file may unpack to this much at any ratio: empty layers are mostly zeros. */
const ALWAYS_ALLOWED = 8 * 1024 ** 2;

/** `packed` says how many bytes the package has, as far as that is known. */
export function budget(limits: Pick<ReadLimits, 'totalBytes' | 'ratio'>, packed: () => number): Budget {
  let spent = 0;
  const byRatio = () => Math.max(ALWAYS_ALLOWED, limits.ratio * packed());
  return {
    left: () => Math.max(0, Math.min(limits.totalBytes, byRatio()) - spent),
    spend(bytes, entry) {
      spent += bytes;
      if (spent > limits.totalBytes)
        throw new WaybillError('package-limit-exceeded', {
          what: 'The number of bytes that the package unpacks to',
          limit: limits.totalBytes,
          entry,
        });
      if (spent > byRatio())
        throw new WaybillError('package-limit-exceeded', {
          what: 'The number of bytes that each byte of the package unpacks to',
          limit: limits.ratio,
          entry,
        });
    },
  };
}

export async function* spending(
  source: AsyncIterable<Uint8Array>,
  budget: Budget,
  entry: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    budget.spend(chunk.length, entry);
    yield chunk;
  }
}
