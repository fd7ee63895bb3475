import { WaybillError } from '@waybill/kernel';

/** Gathers what is wrong with a Compose file, so that its author reads all of it at once. */
export interface Problems {
  /** @param at JSON pointer into the file */
  refuse(at: string, reason: string): void;
  /** @throws WaybillError `compose-refused` when anything was */
  end(): void;
}

/** So many are told in one sentence; the points of the error hold them all. */
const TOLD = 5;

export function problems(): Problems {
  const found: { readonly pointer: string; readonly message: string }[] = [];
  return {
    // A place may be looked at more than once, before and after variables are put in.
    refuse(pointer, message) {
      if (!found.some((one) => one.pointer === pointer && one.message === message)) found.push({ pointer, message });
    },
    end() {
      if (found.length === 0) return;
      const told = found.slice(0, TOLD).map(({ pointer, message }) => `${pointer}: ${message}.`);
      const more = found.length > TOLD ? ` And ${found.length - TOLD} more.` : '';
      throw new WaybillError(
        'compose-refused',
        { reason: `${told.join(' ')}${more}` },
        { points: found.slice(0, 100) },
      );
    },
  };
}

/** The error for a text that is no Compose file at all. */
export const notCompose = (at: string, reason: string, cause?: unknown): WaybillError =>
  new WaybillError(
    'compose-invalid',
    { at: at === '' ? '/' : at, reason: `${reason}.` },
    { cause, points: [{ pointer: at, message: reason }] },
  );
