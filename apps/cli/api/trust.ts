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
}

export interface AddedPublisherView {
  readonly publisher: TrustedPublisherView;
  readonly changed: boolean;
}
