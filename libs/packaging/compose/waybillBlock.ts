import type { ComponentKey, TemplateKey } from '@waybill/kernel';
import type { Workload } from '../manifest.js';

/** What the `x-waybill` block of the file says. */
export interface FileExtension {
  readonly template?: string;
  readonly name?: string;
  readonly version?: string;
  /** Variables whose values every instance generates. */
  readonly generate: readonly string[];
  /** What is new, for people. */
  readonly notes?: string;
}

/** A component of a version in the library. */
export interface ComponentSource {
  readonly template: TemplateKey;
  readonly version: string;
  readonly component: ComponentKey;
}

/** What the `x-waybill` block of a service says. */
export interface ServiceExtension {
  readonly key?: ComponentKey;
  readonly name?: string;
  readonly workload?: Extract<Workload['kind'], 'service' | 'stateful' | 'job' | 'cron'>;
  readonly schedule?: string;
  /** Variables that a site may change. */
  readonly change: ReadonlySet<string>;
  /** Variables that those who depend on it get as well. */
  readonly offer: ReadonlySet<string>;
  readonly labels: ReadonlyMap<string, string>;
  /** It is a component of another version. */
  readonly from?: ComponentSource;
}
