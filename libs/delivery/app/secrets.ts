import { WaybillError, type InstanceId, type SecretKey } from '@waybill/kernel';
import type { OpenSecret } from '@waybill/runtime';
import type { SecretVersion } from '../domain/desired.js';
import type { SecretStored } from '../domain/instanceEvents.js';
import type { ExistingInstance } from '../domain/instanceState.js';

const LENGTH = 32;

/** Binds a sealed secret to its place: taken to another instance or name, it does not open. */
const place = (instance: InstanceId, name: string, version: number) => ({ instance, name, version });

/** The secret that is generated under this name: the same however often the plan is computed, whichever version it becomes. */
export function generated(key: SecretKey, instance: InstanceId, name: string, version: number): SecretVersion {
  return { version, fingerprint: key.fingerprint(generatedValue(key, instance, name)) };
}

const generatedValue = (key: SecretKey, instance: InstanceId, name: string): string =>
  key.generate(place(instance, name, 1), LENGTH);

/** The event data that stores a generated secret. */
export function storedGenerated(
  key: SecretKey,
  instance: InstanceId,
  name: string,
  version: number,
): SecretStored['data'] {
  return stored(key, instance, name, version, generatedValue(key, instance, name), 'generated');
}

/** The version that the next secret of this name gets. */
export const nextVersion = (state: Pick<ExistingInstance, 'secrets'>, name: string): number =>
  (state.secrets[name]?.at(-1)?.version ?? 0) + 1;

/** The event data that stores a secret, sealed. */
export function stored(
  key: SecretKey,
  instance: InstanceId,
  name: string,
  version: number,
  value: string,
  source: 'generated' | 'set',
): SecretStored['data'] {
  return {
    name,
    version,
    fingerprint: key.fingerprint(value),
    sealed: { ...key.seal(value, place(instance, name, version)) },
    source,
  };
}

/** Opens the instance's secrets, for the moment a container is made. */
export function opener(key: SecretKey, state: ExistingInstance): OpenSecret {
  return ({ secret, version }) => {
    const found = state.secrets[secret]?.find((one) => one.version === version);
    if (found === undefined)
      throw new WaybillError('internal', { correlationId: `secret ${secret} version ${version} was never stored` });
    return key.open(found.sealed, place(state.id, secret, version));
  };
}

/** Every secret of the instance in clear, for masking. */
export function clearSecrets(key: SecretKey, state: ExistingInstance): readonly string[] {
  const open = opener(key, state);
  return Object.entries(state.secrets).flatMap(([secret, versions]) =>
    versions.map(({ version, fingerprint }) => open({ secret, version, fingerprint })),
  );
}
