/** Compares by lists of texts, code unit by code unit: the same order on every machine and in every locale. */
export const byText =
  <T>(keys: (item: T) => readonly string[]) =>
  (a: T, b: T): number => {
    const left = keys(a);
    const right = keys(b);
    for (const [i, text] of left.entries()) {
      const other = right[i] ?? '';
      if (text !== other) return text < other ? -1 : 1;
    }
    return 0;
  };

/** Text that sorts as its number does, for numbers below 10^10. */
export const sortableNumber = (number: number): string => String(number).padStart(10, '0');

export const sortedTexts = (texts: Iterable<string>): readonly string[] =>
  [...new Set(texts)].sort(byText((text) => [text]));
