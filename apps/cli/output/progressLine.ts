import { printable } from '@waybill/kernel';
import { bytesText, secondsText } from './amounts.js';
import { columnsOf, cut } from './columns.js';

/** What there is to tell of something that takes a while. */
export interface Told {
  readonly step: string;
  readonly steps?: { readonly done: number; readonly total: number };
  readonly bytes?: number;
  readonly total?: number;
  /** Bytes per second. */
  readonly rate?: number;
  /** Seconds until `total`, or until it gives up where `until` says that it will. */
  readonly remaining?: number;
  readonly until?: string;
  readonly reason?: string;
  /** How much of it, where that is not a matter of bytes. */
  readonly amount?: string;
}

/** Columns of a label below which figures are left out rather than words. */
const LABEL = 16;
const SHORTEST_BAR = 10;
const LONGEST_BAR = 30;
const GAP = '  ';

/** One line of a terminal: the words, a bar where there is room for one, and as many figures as fit. */
export function progressLine(told: Told, columns: number): string {
  const figures = figuresOf(told);
  const label = fittingLabel(told, columns - columnsOf(figures.join(GAP)) - GAP.length);
  for (let kept = figures.length; kept > 0; kept -= 1) {
    const right = figures.slice(0, kept).join(GAP);
    const room = columns - columnsOf(right) - GAP.length;
    if (room < Math.min(columnsOf(label), LABEL)) continue;
    const left = cut(label, room);
    const bar = barOf(told, room - columnsOf(left) - GAP.length);
    return [left, ...bar, right].join(GAP);
  }
  return cut(label, columns);
}

/** The same for a log: the words, and the figures once there is something to say. */
export const plainLine = (told: Told, withFigures: boolean): string => {
  const figures = withFigures ? figuresOf(told) : [];
  return figures.length === 0 ? labelOf(told) : `${labelOf(told)}: ${figures.join(', ')}`;
};

function labelOf({ step, steps, reason }: Told): string {
  const place = steps === undefined ? '' : `[${Math.min(steps.done + 1, steps.total)}/${steps.total}] `;
  return printable(`${place}${step}${reason === undefined ? '' : `: ${reason}`}`);
}

/** Where there is no room for all of it, why it waits is told rather than that it does. */
function fittingLabel(told: Told, room: number): string {
  const label = labelOf(told);
  const { reason, ...rest } = told;
  return reason === undefined || columnsOf(label) <= room
    ? label
    : labelOf({ ...rest, step: `${reason} (${told.step})` });
}

/** The most telling first. */
function figuresOf({ bytes, total, rate, remaining, until, amount }: Told): readonly string[] {
  const ratio = bytes !== undefined && total !== undefined && total > 0 ? bytes / total : undefined;
  return [
    ...(amount === undefined ? [] : [printable(amount)]),
    ...(ratio === undefined ? [] : [`${Math.floor(ratio * 100)} %`]),
    ...(bytes === undefined
      ? []
      : [ratio === undefined ? bytesText(bytes) : `${bytesText(bytes)} of ${bytesText(total ?? 0)}`]),
    ...(remaining === undefined
      ? []
      : [until === undefined ? `${secondsText(remaining)} left` : `gives up in ${secondsText(remaining)}`]),
    ...(rate === undefined || rate <= 0 ? [] : [`${bytesText(rate)}/s`]),
  ];
}

function barOf({ bytes, total }: Told, room: number): readonly string[] {
  if (bytes === undefined || total === undefined || total === 0 || room < SHORTEST_BAR) return [];
  const inside = Math.min(room, LONGEST_BAR) - 2;
  const done = Math.min(Math.floor((bytes / total) * inside), inside);
  return [`[${'='.repeat(done)}${' '.repeat(inside - done)}]`];
}
