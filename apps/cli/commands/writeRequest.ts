import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, printable, type CanonicalValue } from '@waybill/kernel';
import type { Session } from '../session.js';

/** Writes down what a delta lacked, so that its publisher can make a package with it. */
export async function writeRequest(
  session: Session,
  { template, version, manifest, layers: missing, present: layers }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const request = { schema: 1, template, version, manifest, layers, missing } as CanonicalValue;
  const name = `${String(template)}-${String(version)}.request.json`.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  const path = join(session.surroundings.workingFolder, name);
  await writeFile(path, `${canonicalJson(request)}\n`);
  session.remark(
    printable(
      `What is missing was written to ${path}. Take that file to the publisher, who makes a package with the rest: waybill export KEY V --base FILE.`,
    ),
  );
}
