import type { Digest, TemplateKey } from '@waybill/kernel';
import type { Manifest } from '@waybill/packaging';
import type { Confirmation, InspectionFacts } from '../domain/importEvents.js';
import { judge, type Verdict } from '../domain/verdict.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadTemplate } from './handling.js';
import { asDocument } from './inspection.js';

export interface PreparedConfirmation {
  readonly template: TemplateKey;
  readonly confirmation: Confirmation;
  readonly verdict: Verdict;
}

/** What confirming would take into the catalog, and whether the catalog would take it as it is now. */
export async function prepareConfirmation(
  deps: Pick<CatalogDependencies, 'store' | 'documents'>,
  facts: InspectionFacts,
  options: { readonly version?: string | undefined; readonly automatic: boolean },
): Promise<PreparedConfirmation> {
  const version = options.version ?? facts.version;
  const manifest = await manifestUnder(deps, facts, version);
  const verdict = judge(await loadTemplate(deps, facts.template), { version, manifest });
  return {
    template: facts.template,
    verdict,
    confirmation: {
      version,
      manifest,
      automatic: options.automatic,
      ...(version === facts.version ? {} : { sourceVersion: facts.version }),
    },
  };
}

/** The number is part of what a version is: under another number it is another manifest. */
async function manifestUnder(
  { documents }: Pick<CatalogDependencies, 'documents'>,
  facts: InspectionFacts,
  version: string,
): Promise<Digest> {
  if (version === facts.version) return facts.manifest;
  const manifest = await documents.getJson<Manifest>(facts.manifest);
  return documents.putJson(asDocument({ ...manifest, version }));
}
