import type { DifferenceView, NoticeView } from './catalog.js';
import type { FailureView, ProgressView } from './operation.js';
import type { AcceptedPackageView } from './trust.js';

export type ImportState =
  'collecting' | 'reading' | 'inspected' | 'storing' | 'cataloguing' | 'completed' | 'refused' | 'failed' | 'discarded';

export interface ImportAnswer {
  readonly id: string;
  readonly operation: string;
  readonly state: string;
}

export interface ImportSummaryView {
  readonly id: string;
  readonly state: ImportState;
  readonly name: string;
  readonly requested: string;
  readonly template?: { readonly key: string; readonly name: string };
  readonly version?: string;
  readonly outcome?: string;
  readonly failure?: FailureView;
  /** Of a split package. */
  readonly parts?: { readonly package: string; readonly count: number; readonly missing: number };
}

/** A part that must still come; `reason` says what became of it when it was there. */
export interface MissingPartView {
  readonly number: number;
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  readonly reason?: 'gone' | 'differs';
}

export interface ImportView {
  readonly id: string;
  readonly operation: string;
  readonly state: ImportState;
  readonly source: { readonly kind: string; readonly name: string };
  /** In advance, with the request. */
  readonly confirm: boolean;
  readonly parts?: {
    readonly package: string;
    readonly count: number;
    readonly missing: readonly MissingPartView[];
  };
  readonly inspection?: InspectionView;
  readonly accepted?: AcceptedPackageView;
  readonly assessment?: {
    readonly verdict: VerdictView;
    readonly withdrawn?: string;
    readonly difference?: { readonly from: string; readonly changes: DifferenceView };
  };
  readonly result?: { readonly template: string; readonly version: string; readonly outcome: string };
  readonly failure?: FailureView;
  readonly progress?: ProgressView;
}

/** What a package holds; the same shape whether the server or `waybill inspect` read it. */
export interface InspectionView {
  readonly format: string;
  /** `digest` is absent when the file was not read whole. */
  readonly file: { readonly name: string; readonly digest?: string; readonly size: number };
  readonly template: { readonly key: string; readonly name: string };
  readonly version: string;
  readonly manifest: string;
  readonly components: readonly {
    readonly key: string;
    readonly name: string;
    readonly workload: string;
    readonly image?: string;
  }[];
  readonly images: readonly {
    readonly references: readonly string[];
    readonly config: string;
    readonly os: string;
    readonly architecture: string;
    readonly bytes: number;
    readonly layers: readonly { readonly diffId: string; readonly size: number }[];
    readonly sboms?: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[];
  }[];
  readonly layers: {
    readonly count: number;
    readonly bytes: number;
    /** Absent where nobody knows what the server has. */
    readonly newCount?: number;
    readonly newBytes?: number;
  };
  readonly notices: readonly NoticeView[];
  /** Absent: packages of this format cannot be signed. */
  readonly signer?: SignerView;
  readonly published?: string;
  readonly notes?: string;
  readonly withdrawn?: readonly { readonly version: string; readonly reason: string; readonly at: string }[];
}

export type SignerView =
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'signed';
      readonly publisher: string;
      readonly name: string;
      readonly root: number;
      readonly keys: readonly string[];
    };

export type VerdictView =
  | { readonly kind: 'new-template' | 'new-version' | 'already-present' }
  | { readonly kind: 'content-differs'; readonly present: string; readonly offered: string }
  | { readonly kind: 'spelling-clash'; readonly present: string }
  | { readonly kind: 'version-invalid'; readonly reason: string };
