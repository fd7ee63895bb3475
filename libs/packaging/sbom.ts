import { hasCode, WaybillError } from '@waybill/kernel';
import { defaultLimits, type ReadLimits } from './package.js';
import { isJsonObject } from './ram/json.js';
import { parseStrictJson } from './ram/strictJson.js';

/** The one kind of bills of materials that is carried. */
export const CYCLONEDX = 'application/vnd.cyclonedx+json';

/** Values in a bill of materials: some hundred for each of its components. */
const MOST_VALUES = 500_000;

/**
 * Looks whether these bytes are a CycloneDX bill of materials in JSON; what it lists is for others to judge.
 * @param what as messages call it
 * @throws WaybillError `sbom-invalid`, `package-limit-exceeded`
 */
export function checkSbom(
  bytes: Uint8Array,
  what: string,
  limits: Pick<ReadLimits, 'metadataBytes' | 'jsonDepth'> = defaultLimits,
): void {
  const { bomFormat, specVersion } = objectIn(bytes, what, limits);
  if (bomFormat !== 'CycloneDX') throw invalid(what, 'it does not call itself CycloneDX ("bomFormat").');
  if (typeof specVersion !== 'string' || !/^1\.\d{1,2}$/.test(specVersion))
    throw invalid(what, 'it is of no version 1 of the specification ("specVersion").');
}

function objectIn(
  bytes: Uint8Array,
  what: string,
  { metadataBytes, jsonDepth }: Pick<ReadLimits, 'metadataBytes' | 'jsonDepth'>,
) {
  try {
    const found = parseStrictJson(bytes, { bytes: metadataBytes, depth: jsonDepth, values: MOST_VALUES }, what);
    if (isJsonObject(found)) return found;
  } catch (error) {
    if (!hasCode(error, 'package-metadata-invalid')) throw error;
    throw invalid(what, `it is no sound JSON: ${String(error.details['reason'])}`, error);
  }
  throw invalid(what, 'it is no JSON object.');
}

const invalid = (what: string, reason: string, cause?: unknown) =>
  new WaybillError('sbom-invalid', { what, reason }, { cause });
