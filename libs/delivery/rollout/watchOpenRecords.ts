import type { InstanceId, RecordId } from '@waybill/kernel';

interface OpenRecord {
  readonly instance: InstanceId;
  readonly record: RecordId;
}

/**
 * Looks at the open records again and again and begins those that were open at the look before as well: by then the server that took a new
 * one in has claimed it, and whatever is left belongs to whoever gets the claim. So records come to their end that were submitted at a server
 * which carries nothing out, or whose runner died, froze or could not begin.
 * @param options.everyMs between two looks
 * @param options.onError hears of a look that failed; the next one comes
 * @returns ends the looking
 */
export function watchOpenRecords(
  open: () => readonly OpenRecord[],
  begin: (instance: InstanceId, record: RecordId) => void,
  options: { readonly everyMs: number; readonly onError: (error: unknown) => void },
): () => void {
  let before: ReadonlySet<RecordId> = new Set();
  const look = () => {
    const now = open();
    for (const { instance, record } of now) if (before.has(record)) begin(instance, record);
    before = new Set(now.map(({ record }) => record));
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      options.onError(error);
    }
  }, options.everyMs);
  return () => clearInterval(timer);
}
