import { secretNames } from '@waybill/packaging';
import type { Desired, SecretVersion } from './desired.js';
import type { PendingSetting, Surroundings } from './draft.js';
import { secretIn } from './instanceState.js';

export interface UsedSecrets {
  readonly all: Readonly<Record<string, SecretVersion>>;
  /** Those that will be generated. */
  readonly added: readonly (SecretVersion & { readonly name: string })[];
}

/** Every secret that a variable, a configuration file or a shared value refers to, at the version that holds. */
export function secretsOf(
  { components, shared }: Pick<Desired, 'components' | 'shared'>,
  surroundings: Pick<Surroundings, 'secretVersion' | 'content'>,
): UsedSecrets {
  const all: Record<string, SecretVersion> = {};
  const added: (SecretVersion & { readonly name: string })[] = [];
  for (const name of secretNames({ components, shared }, surroundings.content)) {
    const { stored, ...version } = surroundings.secretVersion(name);
    all[name] = version;
    if (!stored) added.push({ name, ...version });
  }
  return { all, added };
}

/** The secret that a waiting setting gives another value: its own, or what the template generates when it is given back. */
export const secretSetBy = (
  { component, path, value }: Pick<PendingSetting, 'component' | 'path' | 'value'>,
  ours: Desired | undefined,
): string | undefined => secretIn(value ?? ours?.components[component]?.items[path]?.value);
