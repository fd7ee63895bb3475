import type { ComponentKey, Digest } from '@waybill/kernel';
import type { Manifest } from './manifest.js';

/** A component in a few words, for somebody who looks into a package. */
export interface ComponentInBrief {
  readonly key: ComponentKey;
  readonly name: string;
  /** What the source calls it, where it is of a kind that is not carried out here. */
  readonly workload: string;
  /** Config digest; absent for components that run elsewhere. */
  readonly image?: Digest;
}

export const componentsIn = ({ components }: Pick<Manifest, 'components'>): readonly ComponentInBrief[] =>
  components.map(({ key, name, workload, image }) => ({
    key,
    name,
    workload: workload.kind === 'unsupported' ? workload.source : workload.kind,
    ...(image === undefined ? {} : { image: image.config }),
  }));
