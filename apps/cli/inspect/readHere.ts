import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackageFile, SeenWaybill } from '@waybill/packaging';
import type { Session } from '../session.js';
import type { HeldLayers } from './heldLayers.js';
import { inspectionOf, type LocalInspection } from './inspection.js';

export interface Reading {
  /** Read every byte of the format `waybill`; the other format is always read whole. */
  readonly verify: boolean;
  readonly held: HeldLayers | undefined;
}

export interface ReadHere {
  readonly inspection: LocalInspection;
  /** Of the format `waybill`. */
  readonly seen?: SeenWaybill;
}

/** Reads a package of one of our formats without a server. @throws WaybillError with what is wrong with it */
export async function readHere(
  session: Session,
  format: 'waybill' | 'ram',
  file: PackageFile & { readonly name: string },
  reading: Reading,
): Promise<ReadHere> {
  try {
    return format === 'waybill' ? await readWaybill(session, file, reading) : await readRam(session, file, reading);
  } finally {
    session.progress.end();
  }
}

async function readWaybill(
  session: Session,
  file: PackageFile & { readonly name: string },
  { verify, held }: Reading,
): Promise<ReadHere> {
  // Slow to load, and of no use to the other commands.
  const { lookIntoWaybill, openPackage, verifyLayers } = await import('@waybill/packaging');
  const bytes = await openPackage(file);
  try {
    const seen = await lookIntoWaybill(bytes);
    const layers = [...seen.packed.values()];
    const total = layers.reduce((all, { storedSize }) => all + storedSize, 0);
    if (verify)
      await verifyLayers(file, layers, (done) =>
        session.progress.show({ step: `verifying ${file.name}`, bytes: done, total }),
      );
    return { inspection: inspectionOf(seen, file.name, { verified: verify, held }), seen };
  } finally {
    await bytes.close();
  }
}

async function readRam(
  session: Session,
  file: PackageFile & { readonly name: string },
  { held }: Reading,
): Promise<ReadHere> {
  const { openContentStore } = await import('@waybill/content-store');
  const { readPackage } = await import('@waybill/packaging');
  const folder = await mkdtemp(join(tmpdir(), 'waybill-inspect-'));
  try {
    const staging = await (await openContentStore(folder)).stage('inspected');
    const found = await readPackage(file, staging, {
      onProgress: (bytes, total) => session.progress.show({ step: `reading ${file.name}`, bytes, total }),
    });
    return { inspection: inspectionOf(found, file.name, { verified: true, held }) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
