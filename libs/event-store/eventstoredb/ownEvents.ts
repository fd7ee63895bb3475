import type { StreamFilter } from '../eventStore.js';

/** The adapter's own stream: what names this log. It is no part of what it is asked for as a whole. */
export const IDENTITY_STREAM = 'waybill-identity';

/** Was this written by a caller of the port? The log also holds what the server and the adapter write for themselves. */
export const isOwn = (event: { readonly streamId: string; readonly type: string }): boolean =>
  !event.streamId.startsWith('$') && !event.type.startsWith('$') && event.streamId !== IDENTITY_STREAM;

export const isWanted = (
  event: { readonly streamId: string; readonly type: string },
  filter: StreamFilter | undefined,
): boolean => isOwn(event) && (filter?.prefixes.some((prefix) => event.streamId.startsWith(prefix)) ?? true);
