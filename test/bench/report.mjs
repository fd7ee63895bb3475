import { cpus, totalmem } from 'node:os';

/**
 * Collects what was measured. Progress goes to standard error, so that standard output holds the table, or the JSON, and nothing else.
 * A figure is {what, value, unit} and, where there is one, the target it is held against: {atMost} or {atLeast}.
 */
export function openReport() {
  const figures = [];
  return {
    figures,
    say: (text) => console.error(text),
    /** Writes a figure down, and says whether its target was met. */
    add(bench, { what, value, unit, target }) {
      const met =
        target === undefined
          ? undefined
          : value >= (target.atLeast ?? -Infinity) && value <= (target.atMost ?? Infinity);
      figures.push({ bench, what, value, unit, ...(target === undefined ? {} : { target, met }) });
    },
  };
}

export const machine = () => ({
  cores: cpus().length,
  processor: cpus()[0]?.model ?? 'unknown',
  memoryGiB: Math.round(totalmem() / 1024 ** 3),
  node: process.version,
});

/** The figures as lines for people, bench by bench. */
export function table(figures) {
  const rows = figures.map(({ bench, what, value, unit, target, met }) => [
    bench,
    what,
    `${inWords(value)} ${unit}`.trim(),
    target === undefined ? '' : inTargetWords(target, unit),
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ]);
  const all = [['bench', 'what', 'measured', 'target', ''], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === 2 ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const inTargetWords = ({ atLeast, atMost }, unit) =>
  `${atLeast === undefined ? '≤' : '≥'} ${inWords(atLeast ?? atMost)} ${unit}`.trim();

/** Three digits that count, and whole numbers above that. */
function inWords(value) {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export const median = (values) => percentile(values, 0.5);

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
