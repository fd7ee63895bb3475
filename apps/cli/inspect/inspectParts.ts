import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { WaybillError } from '@waybill/kernel';
import type { FoundPart, PartsIndex, Recognised } from '@waybill/packaging';
import { partsText } from '../output/partsText.js';
import type { Session } from '../session.js';
import type { PartsInspection, PartState } from './partsInspection.js';
import { readHere, type ReadHere, type Reading } from './readHere.js';

/**
 * Tells which parts are there; when all are, `show` gets what the package says of itself, read across them.
 * @throws WaybillError `parts-index-invalid`; `part-differs` for parts that are not whole, after they were shown, and `part-missing` when asked to verify
 */
export async function inspectParts(
  session: Session,
  { index: path, part }: Extract<Recognised, { kind: 'parts' }>,
  folders: readonly string[],
  reading: Reading,
  show: (found: ReadHere) => Promise<void>,
): Promise<void> {
  const { isWaybillFormat, isWhole, openPackage, parsePartsIndex, partsBeside } = await import('@waybill/packaging');
  const index = parsePartsIndex(await readFile(path), basename(path));
  const found = await partsBeside(index, [dirname(path), ...folders]);
  const states = new Map<number, PartState>();
  for (const one of found) states.set(one.number, reading.verify ? await verified(session, one) : stateOf(one));
  session.progress.end();
  const inspection: PartsInspection = {
    format: 'parts',
    file: { name: part?.name ?? basename(path), size: (await stat(path)).size },
    ...(part === undefined ? {} : { part: part.number }),
    package: index.package,
    partSize: index.partSize,
    parts: found.map(({ number, name, size, digest, path: at }) => ({
      number,
      name,
      size,
      digest,
      state: states.get(number) ?? 'missing',
      ...(at === undefined ? {} : { path: at }),
    })),
  };
  const bad = inspection.parts.filter(({ state }) => state === 'cut-short' || state === 'differs');
  const missing = inspection.parts.filter(({ state }) => state === 'missing');
  const whole = found.filter(isWhole);
  if (bad.length + missing.length > 0 || whole.length < found.length) {
    session.show(inspection, () => partsText(inspection));
    if (bad.length > 0)
      throw new WaybillError('part-differs', {
        part: bad.map(({ name }) => name).join(', '),
        package: index.package.name,
        expected: bad.map(({ digest }) => digest).join(', '),
        actual: 'another file',
      });
    if (reading.verify) throw missingParts(index, missing);
    return;
  }
  if (!session.json) session.show(inspection, () => `${partsText(inspection)}\n`);
  const file = { name: index.package.name, parts: whole };
  const bytes = await openPackage(file);
  const format = (await isWaybillFormat(bytes).finally(() => bytes.close())) ? 'waybill' : 'ram';
  const read = await readHere(session, format, file, reading);
  await show({ ...read, inspection: { ...read.inspection, parts: inspection } });
}

export const missingParts = (
  { package: { name } }: PartsIndex,
  parts: readonly { readonly name: string }[],
): WaybillError =>
  new WaybillError('part-missing', { package: name, parts: parts.map((part) => part.name).join(', ') });

function stateOf({ size, found }: FoundPart): PartState {
  if (found === undefined) return 'missing';
  return found === size ? 'present' : 'cut-short';
}

async function verified(session: Session, part: FoundPart): Promise<PartState> {
  const state = stateOf(part);
  if (part.path === undefined || state !== 'present') return state;
  const { digestOfFile, openPackage } = await import('@waybill/packaging');
  const bytes = await openPackage({ path: part.path });
  try {
    const digest = await digestOfFile(bytes, (done) =>
      session.progress.show({ step: `verifying ${part.name}`, bytes: done, total: part.size }),
    );
    return digest === part.digest ? 'sound' : 'differs';
  } finally {
    await bytes.close();
  }
}
