import { sha256, type Digest } from '@waybill/kernel';

/** The engine's name for each layer on top of those below it (OCI image specification, "ChainID"). */
export function chainIds(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : sha256(`${below} ${diffId}`));
  }
  return chain;
}

/** The layers that an engine lacks which holds these images. A layer is held only together with everything below it. */
export function layersToSend(
  diffIds: readonly Digest[],
  heldImages: readonly (readonly string[])[],
): ReadonlySet<Digest> {
  const held = new Set(heldImages.flatMap(chainIds));
  const chain = chainIds(diffIds);
  return new Set(diffIds.filter((_, at) => !held.has(chain[at] ?? '')));
}
