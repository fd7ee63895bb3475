const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** Characters of two columns (CJK) count twice. */
const columnsOfOne = (character: string): number => (WIDE.test(character) ? 2 : 1);

/** How many columns of a terminal a text takes. */
export const columnsOf = (text: string): number => Array.from(text).reduce((sum, one) => sum + columnsOfOne(one), 0);

/** As much of the text as fits: a line that wraps cannot be written over. */
export function cut(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += columnsOfOne(character);
    if (width > columns) return kept;
    kept += character;
  }
  return kept;
}
