import type { Surroundings } from '../surroundings.js';
import { plainLine, progressLine, type Told } from './progressLine.js';

/** Tells on standard error how far something is. What was told never falls until `end`. */
export interface Progress {
  show(told: Told | string): void;
  /** Ends the line, so that what comes next stands on its own. */
  end(): void;
}

/** Without a terminal a log is likely to be read later: the same step is told again after this many milliseconds only. */
const EVERY = 10_000;
/** Milliseconds between two changes of a line; more nobody can read. */
const PACE = 100;

/** One line that changes on a terminal; elsewhere a line for every step, and a sign of life now and then. */
export function progress({ terminal, now }: Pick<Surroundings, 'terminal' | 'now'>): Progress {
  const forward = neverBack();
  const shown = terminal.columns === undefined ? plainLines(terminal, now) : oneLine(terminal, now);
  return {
    show: (told) => shown.show(forward.take(typeof told === 'string' ? { step: told } : told)),
    end() {
      forward.forget();
      shown.end();
    },
  };
}

/** For `--quiet`. */
export const noProgress: Progress = { show: () => undefined, end: () => undefined };

interface Shown {
  show(told: Told): void;
  end(): void;
}

function oneLine(terminal: Surroundings['terminal'], now: () => number): Shown {
  let shown = '';
  let step = '';
  let at = Number.NEGATIVE_INFINITY;
  return {
    show(told) {
      const whole = told.bytes !== undefined && told.bytes === told.total;
      if (told.step === step && !whole && now() - at < PACE) return;
      // Asked every time: the window may have been made smaller.
      const text = progressLine(told, (terminal.columns ?? 80) - 1);
      if (text === shown) return;
      terminal.err(`\r${text}\u001b[K`);
      shown = text;
      step = told.step;
      at = now();
    },
    end() {
      if (shown !== '') terminal.err('\r\u001b[K');
      [shown, step, at] = ['', '', Number.NEGATIVE_INFINITY];
    },
  };
}

function plainLines(terminal: Surroundings['terminal'], now: () => number): Shown {
  let last = '';
  let told = Number.NEGATIVE_INFINITY;
  return {
    show(next) {
      const isNew = next.step !== last;
      if (!isNew && now() - told < EVERY) return;
      // What has just begun is nowhere yet.
      terminal.err(`${plainLine(next, !isNew)}\n`);
      last = next.step;
      told = now();
    },
    end() {
      last = '';
    },
  };
}

/** A request that is sent again begins behind where the one before broke off; people are shown what was reached. */
function neverBack(): { take(told: Told): Told; forget(): void } {
  const reached = new Map<string, number>();
  let stepsDone = 0;
  return {
    take(told) {
      const { step, steps, bytes } = told;
      stepsDone = Math.max(steps?.done ?? 0, stepsDone);
      const most = Math.max(bytes ?? 0, reached.get(step) ?? 0);
      if (bytes !== undefined) reached.set(step, most);
      return {
        ...told,
        ...(steps === undefined ? {} : { steps: { done: stepsDone, total: Math.max(steps.total, stepsDone) } }),
        ...(bytes === undefined ? {} : { bytes: most }),
      };
    },
    forget() {
      reached.clear();
      stepsDone = 0;
    },
  };
}
