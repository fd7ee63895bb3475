import { isWaybillError, type WaybillError } from '@waybill/kernel';
import type { PackageSigner, PublisherId, RootChain } from '@waybill/packaging';

/**
 * Is a package signed by one of the publishers in these files? Answers why not.
 * @param files with roots, or packages of the publishers
 * @throws WaybillError `publisher-root-invalid`, `package-not-found` for the files themselves
 */
export async function distrust(
  signer: PackageSigner,
  files: readonly string[],
  name: string,
): Promise<WaybillError | undefined> {
  const { rootChain, rootsInFile, trustedChain } = await import('@waybill/packaging');
  const chains = new Map<PublisherId, RootChain>();
  for (const file of files) {
    const chain = rootChain(await rootsInFile(file));
    chains.set(chain.publisher, chain);
  }
  try {
    trustedChain(signer, { chains, revoked: new Map() }, name);
    return undefined;
  } catch (error) {
    if (isWaybillError(error)) return error;
    throw error;
  }
}
