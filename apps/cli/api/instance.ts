import type { WithdrawnView } from './catalog.js';

export interface InstanceSummaryView {
  readonly id: string;
  readonly name: string;
  readonly template: { readonly key: string; readonly name: string };
  readonly status: 'created' | 'installed' | 'removed';
  readonly version: string | null;
  readonly createdAt: string;
  readonly changedAt: string;
  readonly withdrawn?: WithdrawnView;
  readonly openRecord: string | null;
}

export interface InstanceView {
  readonly id: string;
  readonly name: string;
  readonly template: { readonly key: string; readonly name: string };
  readonly engine: string;
  readonly status: 'created' | 'installed' | 'removed';
  readonly version: string | null;
  readonly openRecord: string | null;
  /** Settings that wait for a plan. */
  readonly pending: readonly string[];
  readonly components: readonly ComponentView[];
  readonly at?: string;
  readonly live?: readonly LiveComponentView[];
  readonly liveUnknown?: string;
  readonly withdrawn?: WithdrawnView;
}

export interface ComponentView {
  readonly key: string;
  readonly name: string;
  readonly host: string;
  /** The version of the template it was last brought to. */
  readonly version: string;
  readonly image?: string;
  readonly ports: readonly {
    readonly containerPort: number;
    readonly hostPort: number;
    readonly protocol: string;
    readonly replica?: number;
  }[];
}

export interface LiveComponentView {
  readonly key: string;
  readonly name: string;
  readonly condition: 'healthy' | 'starting' | 'failing' | 'missing' | 'stray' | 'scheduled' | 'not-run-here';
  readonly detail: string;
  readonly containers: readonly { readonly id: string; readonly name: string; readonly restarts: number }[];
}

export interface SettingView {
  readonly item: string;
  readonly component: { readonly key: string; readonly name: string; readonly host?: string };
  readonly path: string;
  /** Absent: it has no value yet, one waits. */
  readonly value?: unknown;
  readonly setBy?: OriginView;
  /** What the template of the version says. */
  readonly template?: unknown;
  /** Does the template let a site change it? */
  readonly editable: boolean;
  /** Present: waits for a plan; `null` gives the item back to the template. */
  readonly pending?: unknown;
  readonly pendingSetBy?: { readonly by: WhoView; readonly at: string };
}

export interface WhoView {
  readonly account: string;
  readonly channel: string;
}

export interface OriginView {
  readonly kind: 'template' | 'site' | 'assigned';
  readonly version?: string;
  readonly accepted?: boolean;
  readonly by?: WhoView;
  readonly at?: string;
}

/** One thing that happened to one setting. */
export interface SettingEntryView {
  readonly item: string;
  readonly path: string;
  readonly act: 'set' | 'given-back' | 'withdrawn' | 'took-effect';
  readonly before?: unknown;
  readonly value?: unknown;
  readonly at: string;
  readonly by: WhoView;
  readonly record?: { readonly number: number; readonly kind: string };
  readonly rule?: string;
  readonly reason?: string;
}
