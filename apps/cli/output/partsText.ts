import type { PartsInspection, PartState } from '../inspect/partsInspection.js';
import { bytesText, counted } from './amounts.js';
import { facts } from './facts.js';
import { table } from './table.js';

const inWords: Readonly<Record<PartState, string>> = {
  missing: 'MISSING',
  'cut-short': 'OF ANOTHER SIZE: copy it again',
  differs: 'DAMAGED: copy it again',
  present: 'there',
  sound: 'there, and sound',
};

/** Which parts of a split package are there. */
export function partsText({ file, part, package: whole, partSize, parts }: PartsInspection): string {
  const count = parts.filter(({ state }) => state === 'present' || state === 'sound').length;
  return [
    facts([
      ['File', file.name],
      ['It is', part === undefined ? 'the index of a split package' : `part ${String(part)} of a split package`],
      ['Package', `${whole.name} (${bytesText(whole.size)}, ${whole.digest})`],
      ['Parts', `${counted(parts.length, 'part')} of ${bytesText(partSize)}; ${String(count)} there`],
    ]),
    '\n',
    table(
      ['part', 'size', 'state', 'where'],
      parts.map(({ name, size, state, path }) => [name, bytesText(size), inWords[state], path ?? '']),
    ),
  ].join('');
}
