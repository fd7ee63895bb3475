import type { CanonicalValue, ComponentKey, Digest, EventId } from '@waybill/kernel';
import { publishedOf, type Desired, type DesiredComponent, type SecretVersion } from './desired.js';
import type { PlanItem, PlannedPort, PlanWarning } from './plan.js';

/** What a plan comes to before its steps are worked out. */
export interface Draft {
  /** Absent: nothing is left. */
  readonly desired?: Desired;
  readonly items: readonly PlanItem[];
  readonly ports: readonly PlannedPort[];
  readonly secrets: readonly (SecretVersion & { readonly name: string })[];
  readonly warnings: readonly PlanWarning[];
}

/** A setting that waits to take effect. */
export interface PendingSetting {
  readonly component: ComponentKey;
  readonly path: string;
  /** `null` takes the site's value away: the template's applies again. For a published port `true` is any free one, `false` none. */
  readonly value: CanonicalValue;
  readonly event: EventId;
  readonly revision: number;
}

/** The facts outside the instance that a plan is made with; gathered before, so that planning is pure. */
export interface Surroundings {
  /** A host port that nobody holds, for a container port that is to be published. */
  readonly freePort: (component: ComponentKey, containerPort: number, protocol: 'tcp' | 'udp') => number;
  /** The version of a secret that holds: the one that waits, else the one in use, else the one that will be generated. */
  readonly secretVersion: (name: string) => SecretVersion & { readonly stored: boolean };
  /** The text of a configuration file by its digest, where it is known. */
  readonly content: (document: Digest) => string | undefined;
  /** The engine's name for a new volume. */
  readonly volumeName: (host: string, volume: string, path: string) => string;
}

export const itemOf = (
  component: Pick<DesiredComponent, 'key' | 'name'> | undefined,
  path: string,
  rest: Omit<PlanItem, 'id' | 'component' | 'path'>,
): PlanItem => ({
  id: `${component?.key ?? 'shared'}/${path}`,
  ...(component === undefined ? {} : { component: { key: component.key, name: component.name } }),
  path,
  ...rest,
});

/** The host ports of a component. */
export const publishedPorts = (component: Pick<DesiredComponent, 'key' | 'items'>): readonly PlannedPort[] =>
  publishedOf(component).map(({ containerPort, hostPort, protocol }) => ({
    component: component.key,
    containerPort,
    hostPort,
    protocol,
  }));
