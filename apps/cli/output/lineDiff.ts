export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Files with more lines than this are compared by their beginnings and ends only. */
const LONGEST = 500;

/** What has to be taken out of and put into `before` to get `after`, line by line; the longest common part stays. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [old, present] = [linesOf(before), linesOf(after)];
  const head = commonLength(old, present);
  const tail = commonLength(old.slice(head).reverse(), present.slice(head).reverse());
  const middle = (lines: readonly string[]) => lines.slice(head, lines.length - tail);
  return [
    ...as('same', old.slice(0, head)),
    ...between(middle(old), middle(present)),
    ...as('same', old.slice(old.length - tail)),
  ];
}

const as = (kind: DiffLine['kind'], lines: readonly string[]): readonly DiffLine[] =>
  lines.map((text) => ({ kind, text }));

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function commonLength(a: readonly string[], b: readonly string[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

function between(old: readonly string[], present: readonly string[]): readonly DiffLine[] {
  if (old.length > LONGEST || present.length > LONGEST) return [...as('removed', old), ...as('added', present)];
  const lengths = commonLengths(old, present);
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  const result: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < present.length) {
    const [was = '', is = ''] = [old[i], present[j]];
    if (i < old.length && j < present.length && was === is) {
      result.push({ kind: 'same', text: was });
      i += 1;
      j += 1;
    } else if (j >= present.length || (i < old.length && at(i + 1, j) >= at(i, j + 1))) {
      result.push({ kind: 'removed', text: was });
      i += 1;
    } else {
      result.push({ kind: 'added', text: is });
      j += 1;
    }
  }
  return result;
}

/** `[i][j]`: length of the longest common part of what follows line i of the one and line j of the other. */
function commonLengths(a: readonly string[], b: readonly string[]): readonly (readonly number[])[] {
  const table: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [row, below] = [table[i] ?? [], table[i + 1] ?? []];
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  return table;
}
