/** A piece of text that may hold secrets: they are put in only when a container is made, and never shown. */
export type Text = string | { readonly parts: readonly (string | SecretPart)[] };

export interface SecretPart {
  readonly secret: string;
  readonly version: number;
  /** HMAC of the clear value: tells whether it changed, not what it is. */
  readonly fingerprint: string;
}
