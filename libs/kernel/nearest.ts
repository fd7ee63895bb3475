/** The texts of `among` that somebody may have meant by `text`, nearest first, at most three: a slip of a few letters, another case, or a part left out. */
export function nearest(text: string, among: Iterable<string>): readonly string[] {
  const meant = text.toLowerCase();
  const most = Math.max(2, Math.floor(meant.length / 4));
  return [...new Set(among)]
    .map((one) => ({ one, distance: distanceTo(meant, one.toLowerCase()) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.one < b.one ? -1 : 1))
    .slice(0, 3)
    .map(({ one }) => one);
}

const SHORTEST_PART = 3;

function distanceTo(meant: string, other: string): number {
  if (meant.length >= SHORTEST_PART && other.includes(meant)) return 1;
  return edits(meant, other);
}

/** Letters to put in, take out or change (Levenshtein). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
