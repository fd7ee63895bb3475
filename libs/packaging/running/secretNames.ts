import type { Digest } from '@waybill/kernel';
import { itemsOfKind, nameOf, type EnvValue, type FileValue, type Running } from './items.js';
import { ownSecret, secretsIn } from './placeholders.js';

/**
 * Names of all secrets that a variable, a configuration file or a shared value refers to. Sorted.
 * @param content the text of a configuration file, where it is known
 */
export function secretNames(
  { components, shared }: Pick<Running, 'components' | 'shared'>,
  content: (document: Digest) => string | undefined,
): readonly string[] {
  const names = new Set([
    ...Object.values(components).flatMap((component) => [
      ...itemsOfKind<EnvValue>(component, 'env').flatMap(({ name, value }) =>
        'secret' in value ? [value.secret] : secretsIn(value.text, ownSecret.variable(component.key, name)),
      ),
      ...itemsOfKind<FileValue>(component, 'file').flatMap(({ name, value }) =>
        secretsIn(content(value.document) ?? '', ownSecret.file(component.key, name)),
      ),
    ]),
    ...Object.entries(shared).flatMap(([path, item]) => {
      const [group = '', ...rest] = nameOf(path).split('/');
      return secretsIn(item.value as string, ownSecret.shared(group, rest.join('/')));
    }),
  ]);
  return [...names].sort();
}
