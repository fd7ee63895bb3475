import type { Digest } from '@waybill/kernel';

/** A bill of materials of one image of a version; its bytes are a blob. */
export interface Sbom {
  /** Configuration of the image. */
  readonly image: Digest;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
}

/** Of one version, sorted by image, then digest. */
export const sortedSboms = (sboms: Iterable<Sbom>): readonly Sbom[] =>
  [...sboms].sort((a, b) => (keyOfSbom(a) < keyOfSbom(b) ? -1 : 1));

export const keyOfSbom = ({ image, digest }: Pick<Sbom, 'image' | 'digest'>): string => `${image} ${digest}`;
