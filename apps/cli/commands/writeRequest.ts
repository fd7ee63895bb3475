import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, printable, type CanonicalValue } from '@waybill/kernel';
import type { Session } from '../session.js';

/**
 * Writes what a delta lacked into a file that can be carried back to its publisher: of the layers of that version those that this site
 * holds (`layers`), so that the rest is made of what it lacks (`missing`).
 */
export async function writeRequest(
  session: Session,
  { template, version, manifest, layers: missing, present: layers }: Readonly<Record<string, unknown>>,
): Promise<void> {
  const request = { schema: 1, template, version, manifest, layers, missing } as CanonicalValue;
  const name = `${String(template)}-${String(version)}.request.json`.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  const path = join(session.surroundings.workingFolder, name);
  await writeFile(path, `${canonicalJson(request)}\n`);
  session.remark(printable(`What is missing was written to ${path}; the publisher can make a package of it.`));
}
