export interface TrustedPublisherView {
  readonly publisher: string;
  readonly name: string;
  readonly root: number;
  readonly keys: readonly string[];
  readonly revoked: readonly RevokedKeyView[];
}

export interface RevokedKeyView {
  readonly key: string;
  readonly reason: string;
}

export interface TrustView {
  readonly publishers: readonly TrustedPublisherView[];
  readonly revoked: readonly RevokedKeyView[];
  readonly accepted: readonly AcceptedImportView[];
}

/** A package that was taken though nobody who is trusted signed it. */
export type AcceptedPackageView = (
  | { readonly kind: 'unsigned'; readonly reason: string }
  | { readonly kind: 'publisher'; readonly publisher: string; readonly name: string }
) & { readonly at: string; readonly by: PersonView };

export type AcceptedImportView = AcceptedPackageView & {
  readonly import: string;
  readonly file: { readonly name: string };
  readonly template?: string;
  readonly version?: string;
};

export interface PersonView {
  readonly id: string;
  readonly name?: string;
}

export interface AddedPublisherView {
  readonly publisher: TrustedPublisherView;
  readonly changed: boolean;
}
