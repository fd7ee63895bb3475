import { printable } from '@waybill/kernel';
import type { Surroundings } from '../surroundings.js';
import { bytesText } from './amounts.js';

/** Tells on standard error how far something is. */
export interface Progress {
  /** `step` is what is being done; `amount`, how much of it. */
  show(step: string, amount?: string): void;
  /** Ends the line, so that what comes next stands on its own. */
  end(): void;
}

/** Without a terminal a log is likely to be read later: the same step is told again after this many milliseconds only. */
const EVERY = 10_000;

/** One line that changes on a terminal; elsewhere a line for every step, and a sign of life now and then. */
export function progress({ terminal, now }: Pick<Surroundings, 'terminal' | 'now'>): Progress {
  return terminal.columns === undefined ? plainLines(terminal, now) : oneLine(terminal, terminal.columns);
}

function oneLine(terminal: Surroundings['terminal'], columns: number): Progress {
  let shown = '';
  return {
    show(step, amount) {
      const text = cut(lineOf(step, amount), columns - 1);
      if (text === shown) return;
      terminal.err(`\r${text}\u001b[K`);
      shown = text;
    },
    end() {
      if (shown !== '') terminal.err('\r\u001b[K');
      shown = '';
    },
  };
}

function plainLines(terminal: Surroundings['terminal'], now: () => number): Progress {
  let last = '';
  let told = Number.NEGATIVE_INFINITY;
  return {
    show(step, amount) {
      if (step === last && now() - told < EVERY) return;
      // What has just begun is nowhere yet.
      terminal.err(`${lineOf(step, step === last ? amount : undefined)}\n`);
      last = step;
      told = now();
    },
    end() {
      last = '';
    },
  };
}

const lineOf = (step: string, amount: string | undefined) =>
  printable(amount === undefined ? step : `${step}: ${amount}`);

/** Characters of two columns (CJK) count twice, or the line would wrap and stay. */
function cut(text: string, columns: number): string {
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1;
    if (width > columns) return kept;
    kept += character;
  }
  return kept;
}

/** `12 MB of 48 MB (25 %)`. */
export const amountOf = (done: number, total: number | undefined): string =>
  total === undefined || total === 0
    ? bytesText(done)
    : `${bytesText(done)} of ${bytesText(total)} (${Math.floor((done / total) * 100)} %)`;
