import { hasCode, templateKey, type TemplateKey } from '@waybill/kernel';
import { findTemplate } from '../read/templates.js';
import type { CatalogDependencies } from './dependencies.js';
import { loadTemplate } from './handling.js';

/**
 * The key of a template, by its key or unambiguous name. The log knows what was published a moment ago; by name templates are found where they are listed.
 * @throws WaybillError `template-not-found`, `template-ambiguous`
 */
export async function keyOf(
  deps: Pick<CatalogDependencies, 'store' | 'readModels'>,
  named: string,
): Promise<TemplateKey> {
  const template = isKey(named) ? await loadTemplate(deps, named) : undefined;
  return template?.kind === 'registered' ? template.key : findTemplate(deps.readModels.db, named).key;
}

function isKey(text: string): text is TemplateKey {
  try {
    return templateKey(text) === text;
  } catch (error) {
    if (hasCode(error, 'invalid-key')) return false;
    throw error;
  }
}
