/** An RFC 9457 problem as the server sends it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly correlationId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  readonly details?: Readonly<Record<string, unknown>>;
}
