import type { Desired } from './desired.js';
import { secretIn } from './instanceState.js';

/** The secrets that had another value then: do they go back to it, or stay because the site has set them since? */
export type SecretsBack = ReadonlyMap<string, 'back' | 'stays'>;

/** One secret may stand in many variables; it stays as a whole when the site set it since through any of them. */
export function changedSecrets({
  now,
  then,
  since,
  accept,
}: {
  readonly now: Desired;
  readonly then: Desired;
  readonly since: number;
  readonly accept: ReadonlySet<string>;
}): SecretsBack {
  const result = new Map<string, 'back' | 'stays'>();
  for (const component of Object.values(now.components))
    for (const [path, { value, origin }] of Object.entries(component.items)) {
      const name = secretIn(value) ?? '';
      const old = then.secrets[name];
      if (old === undefined || old.fingerprint === now.secrets[name]?.fingerprint) continue;
      const stays = origin.kind === 'site' && origin.revision > since && !accept.has(`${component.key}/${path}`);
      if (stays || !result.has(name)) result.set(name, stays ? 'stays' : 'back');
    }
  return result;
}
