import { printable } from '@waybill/kernel';
import type { LocalInspection } from '../inspect/inspection.js';
import { bytesText, counted, timeText } from './amounts.js';
import { facts } from './facts.js';
import { inspectionText } from './inspectionText.js';

/** What `waybill inspect` says of a package. */
export const localInspectionText = (inspection: LocalInspection): string =>
  [inspectionText(inspection, localFacts(inspection)), '\n', verdictText(inspection)].join('');

function localFacts({ packed, leftOut = [], sboms = [], site, signer, trust }: LocalInspection) {
  return [
    ['Trusted', trust === undefined ? undefined : trust.trusted ? 'yes' : `NO: ${trust.reason ?? ''}`],
    [
      'Compare',
      signer?.kind === 'signed' && trust === undefined
        ? `ask the publisher, by another way than the file came, for its fingerprint: ${signer.publisher}`
        : undefined,
    ],
    ['In the file', packed === undefined ? undefined : `${counted(packed.count, 'layer')}, ${bytesText(packed.bytes)}`],
    [
      'Left out',
      leftOut.length === 0
        ? undefined
        : `${counted(leftOut.length, 'layer')}, ${bytesText(sum(leftOut))}: the receiver must have them`,
    ],
    ...sboms.map(({ image, mediaType, size }) => ['SBOM', `of ${image}: ${mediaType}, ${bytesText(size)}`] as const),
    ['To store', site === undefined ? undefined : storeText(site)],
  ] as const satisfies Parameters<typeof facts>[0];
}

function storeText({ name, at, store, lacking }: NonNullable<LocalInspection['site']>): string {
  const packed = store.packedBytes === undefined ? '' : ` (${bytesText(store.packedBytes)} compressed)`;
  const rest =
    lacking.length === 0
      ? ''
      : `; IT LACKS ${counted(lacking.length, 'layer')}, ${bytesText(sum(lacking))}, that the file does not bring`;
  return `${counted(store.count, 'layer')}, ${bytesText(store.bytes)}${packed}, at ${name} as of ${timeText(at)}${rest}`;
}

const verdictText = ({ verified, trust }: LocalInspection): string =>
  printable(
    verified
      ? 'The package is sound.'
      : 'What is signed is sound, and so is the structure. The layers were not read; --verify reads them.',
  ) + (trust?.trusted === false ? '\nIt is not signed by anybody in the files given.\n' : '\n');

const sum = (layers: readonly { readonly size: number }[]): number => layers.reduce((all, { size }) => all + size, 0);
