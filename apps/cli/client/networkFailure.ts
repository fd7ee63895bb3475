/** `fetch` hides why it failed in the cause. */
export function networkReason(error: unknown): string {
  const cause = causeOf(error);
  switch (cause.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there. Is the server running?';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known.';
    default:
      return `${cause.message ?? String(error)}${cause.code === undefined ? '' : ` (${cause.code})`}.`;
  }
}

/** Nobody got the request, and trying again at once would not help. */
export const wasNeverSent = (error: unknown): boolean =>
  ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EACCES', 'ERR_INVALID_URL'].includes(causeOf(error).code ?? '');

function causeOf(error: unknown): { readonly code?: string; readonly message?: string } {
  const cause = (error as { cause?: unknown }).cause ?? error;
  // Several addresses of one name are tried; they fail for the same reason.
  const first = (cause as { errors?: readonly unknown[] }).errors?.[0] ?? cause;
  return first as { code?: string; message?: string };
}
