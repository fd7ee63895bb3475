import { printable } from '@waybill/kernel';
import type { ImportView, InspectionView, VerdictView } from '../api/import.js';
import { bytesText, counted, shortDigest, timeText } from './amounts.js';
import { differenceText, noticesText } from './catalogText.js';
import { facts } from './facts.js';
import { table } from './table.js';
import { acceptedText, signedText } from './trustText.js';

/** What a package holds. @param more facts after the common ones */
export function inspectionText(inspection: InspectionView, more: Parameters<typeof facts>[0] = []): string {
  const { file, template, components, images, layers, notices } = inspection;
  const image = (config: string | undefined) => images.find((one) => one.config === config);
  return [
    facts([
      ['File', `${file.name} (${[bytesText(file.size), file.digest ?? []].flat().join(', ')})`],
      ['Format', inspection.format],
      ['Template', `${template.name} (${template.key})`],
      ['Version', inspection.version],
      ['Manifest', inspection.manifest],
      ['Layers', layersText(layers)],
      ...signerFacts(inspection),
      ...more,
    ]),
    '\n',
    table(
      ['component', 'kind', 'image', 'platform', 'size'],
      components.map(({ name, workload, image: config }) => {
        const found = image(config);
        return [
          name,
          workload,
          found === undefined ? '' : `${found.references[0] ?? ''} ${shortDigest(found.config)}`.trim(),
          found === undefined ? '' : `${found.os}/${found.architecture}`,
          found === undefined ? '' : bytesText(found.bytes),
        ];
      }),
    ),
    ...images.flatMap(({ references, config, sboms = [] }) =>
      sboms.map(({ digest, size }) =>
        printable(`Bill of materials of ${references[0] ?? config}: ${digest}, ${bytesText(size)}\n`),
      ),
    ),
    notices.length === 0
      ? ''
      : `\n${counted(notices.length, 'notice')}:\n${noticesText(notices, new Map(components.map(({ key, name }) => [key, name])))}`,
  ].join('');
}

function signerFacts({
  format,
  signer,
  published,
  notes,
  withdrawn = [],
}: InspectionView): Parameters<typeof facts>[0] {
  return [
    ['Signed by', signerText(format, signer)],
    ['Keys', signer?.kind === 'signed' ? signer.keys.join(', ') : undefined],
    ['Published', published === undefined ? undefined : timeText(published)],
    ['Notes', notes],
    ...withdrawn.map(({ version, reason }) => ['Withdrawn', `${version}: ${reason}`] as const),
  ];
}

const signerText = (format: string, signer: InspectionView['signer']): string =>
  signer?.kind === 'signed'
    ? `${signer.name} (${signer.publisher}), root ${signer.root}`
    : signedText(format, undefined);

const layersText = ({ count, bytes, newCount, newBytes }: InspectionView['layers']): string =>
  `${count}, ${bytesText(bytes)}${newCount === undefined ? '' : `; ${newCount} of them new here, ${bytesText(newBytes ?? 0)}`}`;

/** An import: what the package holds (left out when `brief`), how it stands to the catalog, and what became of it, unless the failure is `told` elsewhere. */
export function importText(view: ImportView, { brief = false, told = false } = {}): string {
  const { inspection, accepted, assessment, result, failure } = view;
  return [
    missingText(view),
    inspection === undefined || brief
      ? ''
      : `${inspectionText(inspection, [['Accepted', accepted === undefined ? undefined : acceptedText(accepted)]])}\n`,
    assessment === undefined ? '' : `${verdictText(assessment.verdict)}\n`,
    assessment?.withdrawn === undefined
      ? ''
      : `! ${printable(`It was withdrawn: ${assessment.withdrawn}. It can be imported, and is not offered.`)}\n`,
    assessment?.difference === undefined
      ? ''
      : `\nCompared with version ${printable(assessment.difference.from)}:\n${differenceText(assessment.difference.changes)}\n`,
    result === undefined ? '' : `${resultText(result, inspection?.template.name)}\n`,
    told ? '' : failureText(failure),
    `import ${view.id} is ${view.state}\n`,
  ].join('');
}

const failureText = (failure: ImportView['failure']): string =>
  failure === undefined ? '' : `${printable(`Not imported: ${failure.message}`)}\n`;

/** Which parts of a split package are still to come. */
function missingText({ state, parts }: ImportView): string {
  if (parts === undefined || state !== 'collecting') return '';
  const reasons = { gone: 'its file is gone; bring it again', differs: 'DAMAGED; copy it again' } as const;
  return `${String(parts.count - parts.missing.length)} of ${counted(parts.count, 'part')} are there. Missing:\n${table(
    ['part', 'size', ''],
    parts.missing.map(({ name, size, reason }) => [name, bytesText(size), reason === undefined ? '' : reasons[reason]]),
  )}`;
}

const resultText = ({ template, version, outcome }: NonNullable<ImportView['result']>, name = template): string =>
  printable(
    outcome === 'already-present'
      ? `Version ${version} of ${name} was in the catalog already, with the same content.`
      : `Version ${version} of ${name} is in the catalog.`,
  );

function verdictText(verdict: VerdictView): string {
  switch (verdict.kind) {
    case 'new-template':
      return 'The template is new here.';
    case 'new-version':
      return 'The version is new here.';
    case 'already-present':
      return 'This version is in the catalog already, with the same content.';
    case 'content-differs':
      return `CONFLICT: the catalog has a version of this number with other content.\n  here:    ${verdict.present}\n  offered: ${verdict.offered}\nVersions never change; confirm it under another number (--version), or discard it.`;
    case 'spelling-clash':
      return printable(
        `CONFLICT: the catalog has the same number in another spelling, ${verdict.present}. Confirm it under another number (--version).`,
      );
    case 'version-invalid':
      return printable(
        `The package's number is not a version number: ${verdict.reason} Confirm it under another one (--version).`,
      );
  }
}
