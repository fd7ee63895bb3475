/** What somebody shows a registry. Never part of an error, an event or a line of a log. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** Exchanged for access tokens (OAuth 2 refresh token). */
  | { readonly kind: 'identity'; readonly token: string };

/** Finds what to show a registry (`host`, `host:port`); `undefined`: nothing is known for it. @throws WaybillError `registry-credentials-unusable` */
export type FindCredentials = (registry: string) => Promise<Credentials | undefined>;
