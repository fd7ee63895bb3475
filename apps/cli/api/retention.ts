export interface RetentionView {
  readonly records: number;
  readonly days: number;
}

export interface CollectionView {
  readonly outcome: 'collected' | 'nothing' | 'checked';
  readonly bytes: number;
  readonly content: readonly {
    readonly kind: 'layer' | 'blob';
    readonly digest: string;
    readonly size: number;
    readonly versions: readonly string[];
  }[];
  readonly exports: readonly {
    readonly id: string;
    readonly name: string;
    readonly size: number;
    readonly because: string;
  }[];
  readonly kept: readonly {
    readonly template: string;
    readonly version: string;
    readonly withdrawn: string;
    readonly images: { readonly kept: number; readonly of: number };
    readonly because: readonly string[];
  }[];
}
