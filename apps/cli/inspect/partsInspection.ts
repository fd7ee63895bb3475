import type { PartsIndex } from '@waybill/packaging';

/** What `waybill inspect` tells of a split package, or of one of its parts. */
export interface PartsInspection {
  readonly format: 'parts';
  readonly file: { readonly name: string; readonly size: number };
  /** The file is this part. */
  readonly part?: number;
  readonly package: PartsIndex['package'];
  readonly partSize: number;
  readonly parts: readonly {
    readonly number: number;
    readonly name: string;
    readonly size: number;
    readonly digest: string;
    /** `present`: a file of that name and size; `sound`: and of that digest, which only `--verify` looks at. */
    readonly state: PartState;
    readonly path?: string;
  }[];
}

export type PartState = 'missing' | 'cut-short' | 'differs' | 'present' | 'sound';
