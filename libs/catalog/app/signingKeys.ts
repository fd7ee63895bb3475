import type { Envelope, RootChain, SigningKey } from '@waybill/packaging';

/** The keys of this server as they lie on its disk. */
export interface PublisherKeys {
  /** Whose keys they are: known also where the key itself is missing. */
  readonly chain: () => RootChain;
  /** The key that the root of this number shall name: made once, and kept beside the present one until that root counts. */
  keyFor(root: number): Promise<SigningKey>;
  /** Goes over to newer roots, and to the key that they name. May be repeated. */
  adopt(roots: readonly Envelope[]): Promise<void>;
}
