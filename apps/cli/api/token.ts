export interface TokenView {
  readonly id: string;
  readonly account: string;
  readonly holder: string;
  readonly roles: readonly string[];
  readonly label?: string;
  readonly issuedAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
}

export interface IssuedTokenView {
  readonly account: string;
  readonly id: string;
  /** Absent when the request was a repetition: it is shown once only. */
  readonly token?: string;
  readonly roles: readonly string[];
  readonly expiresAt?: string;
}
