import type { FailureView } from './operation.js';

export interface ExportAnswer {
  readonly id: string;
  readonly operation: string;
  readonly state: string;
}

export interface ExportedFileView {
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  readonly signer?: { readonly publisher: string; readonly key: string };
  /** Where it is given out in parts: the file that lists them. */
  readonly parts?: {
    readonly index: string;
    readonly name: string;
    readonly size: number;
    readonly partSize: number;
    readonly count: number;
  };
}

export interface ExportSummaryView {
  readonly id: string;
  readonly state: 'writing' | 'completed' | 'failed' | 'removed';
  readonly template: string;
  readonly version: string;
  readonly format: string;
  readonly requested: string;
  readonly file?: ExportedFileView;
  readonly failure?: FailureView;
  /** What a package of the format `docker-compose` does not do. */
  readonly notCarried?: readonly { readonly code: string; readonly subject: string; readonly message: string }[];
}

/** A DSSE envelope. */
export interface InventoryView {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly object[];
}
