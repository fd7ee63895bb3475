import type { ManifestComponent, Resources } from '../manifest.js';
import type { RamComponent } from './metadata.js';

/** The first statement counts, a 0 too: it means unlimited. */
export const resourcesOf = ({ memory, cpu, scale }: RamComponent): Resources => ({
  memoryMiB: scale.initMemory ?? memory ?? scale.minMemory ?? 512,
  cpuMilli: scale.containerCpu ?? cpu ?? 250,
});

/** How many run: `min_node` at first; never more than one of what is called a singleton. */
export function replicasOf({ extendMethod, scale }: RamComponent): ManifestComponent['replicas'] {
  if (extendMethod.endsWith('_singleton')) return { initial: 1, min: 1, max: 1 };
  const min = positive(scale.minNode, 1);
  return { initial: min, min, max: Math.max(min, positive(scale.maxNode, 64)) };
}

/** Exporters write 0 for what was never set. */
export const positive = (stated: number | undefined, otherwise: number): number =>
  stated === undefined || stated === 0 ? otherwise : stated;
