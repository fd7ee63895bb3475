import { aliasesOf } from './aliases.js';
import { valueAt, type Running, type RunningComponent, type WorkloadValue } from './items.js';
import { ipVersion, readEndpoints, type Endpoint, type Endpoints } from './endpoints.js';

/** Where a component answers that runs elsewhere; undefined for one that runs here. */
export const endpointsOf = (component: Pick<RunningComponent, 'items'>): Endpoints | undefined =>
  valueAt<WorkloadValue>(component, 'workload')?.kind === 'external'
    ? readEndpoints(valueAt<string>(component, 'endpoints') ?? '')
    : undefined;

/** Do all of them stand under an address, so that a container can be told to know them by the component's name? */
export const haveAddresses = (endpoints: readonly Endpoint[]): boolean =>
  endpoints.length > 0 && endpoints.every(({ host }) => ipVersion(host) !== undefined);

/**
 * Under which host those who use a component reach it: by its name on the instance's network, else, for one elsewhere that has a name of its own
 * there, by that.
 */
export function connectionHost(component: RunningComponent): string {
  const usable = endpointsOf(component)?.usable ?? [];
  return usable.length === 0 || haveAddresses(usable) ? component.host : (usable[0]?.host ?? component.host);
}

/** And under which port: the first endpoint's own, since nothing stands between that could translate. */
export const connectionPort = (component: RunningComponent, containerPort: string): string =>
  String(endpointsOf(component)?.usable[0]?.port ?? containerPort);

/** The names and addresses that a component's containers are told, of all it uses that runs elsewhere. */
export const hostsToKnow = (
  providers: readonly RunningComponent[],
  running: Pick<Running, 'components'>,
): readonly { readonly name: string; readonly address: string }[] =>
  providers.flatMap((provider) => {
    const usable = endpointsOf(provider)?.usable ?? [];
    if (!haveAddresses(usable)) return [];
    const names = [provider.host, ...aliasesOf(provider, running)];
    return names.flatMap((name) => usable.map(({ host }) => ({ name, address: host })));
  });
