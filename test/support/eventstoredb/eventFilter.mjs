// Which events of `$all` a caller wants, and how often it hears where the search stands.

/** The server looks at 32 events at a time when the caller names no window. */
const SEARCH_WINDOW = 32;

/** @returns {{ matches(event: { stream: string, type: string }): boolean, checkpointEvery: number | undefined }} */
export function filterOf(options) {
  const filter = options.getFilter();
  if (filter === undefined) return { matches: () => true, checkpointEvery: undefined };
  const byStream = filter.hasStreamIdentifier();
  const accepts = expressionOf(byStream ? filter.getStreamIdentifier() : filter.getEventType());
  const window = filter.hasMax() ? filter.getMax() : SEARCH_WINDOW;
  return {
    matches: (event) => accepts(byStream ? event.stream : event.type),
    checkpointEvery: window * Math.max(1, filter.getCheckpointintervalmultiplier()),
  };
}

function expressionOf(expression) {
  const prefixes = expression?.getPrefixList() ?? [];
  if (prefixes.length > 0) return (text) => prefixes.some((prefix) => text.startsWith(prefix));
  const regex = new RegExp(expression?.getRegex() ?? '', 'u');
  return (text) => regex.test(text);
}
