/** What one check of the doctor found. `problem`: something is lost, in danger or does not work; `remark`: worth knowing. */
export interface Finding {
  readonly check: string;
  readonly state: 'fine' | 'remark' | 'problem';
  /** One sentence. */
  readonly detail: string;
  /** What is concerned, one by one; the first ones only when there are many. */
  readonly items: readonly string[];
}

const MOST_ITEMS = 50;

export const fine = (check: string, detail: string): Finding => ({ check, state: 'fine', detail, items: [] });

/** Fine when nothing was found. */
export const found = (
  check: string,
  items: readonly string[],
  words: { readonly none: string; readonly some: string },
  state: 'remark' | 'problem' = 'problem',
): Finding =>
  items.length === 0
    ? fine(check, words.none)
    : {
        check,
        state,
        detail: `${items.length} ${words.some}`,
        items: [
          ...items.slice(0, MOST_ITEMS),
          ...(items.length > MOST_ITEMS ? [`… and ${items.length - MOST_ITEMS} more`] : []),
        ],
      };

/** A check that fails is a finding too. */
export async function checked(
  check: string,
  look: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [{ check, state: 'problem', detail, items: [] }];
  }
}
