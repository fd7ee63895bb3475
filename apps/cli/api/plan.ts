import type { OriginView } from './instance.js';

export type PlanKind = 'install' | 'upgrade' | 'rollback' | 'reconfigure' | 'remove';

export interface VersionRef {
  readonly version: string;
  readonly manifest: string;
}

export interface PlanView {
  readonly digest: string;
  readonly kind: PlanKind;
  readonly instance: { readonly id: string; readonly name: string };
  readonly template: { readonly key: string; readonly name: string };
  readonly from: VersionRef | null;
  readonly to: VersionRef | null;
  readonly undoes?: string;
  readonly items: readonly PlanItemView[];
  readonly steps: readonly PlanStepView[];
  readonly secrets: readonly { readonly name: string; readonly version: number }[];
  readonly removeVolumes: boolean;
  readonly warnings: readonly { readonly code: string; readonly subject: string; readonly message: string }[];
  /** Texts of configuration files by digest. */
  readonly contents: Readonly<Record<string, string>>;
}

export interface PlanItemView {
  readonly id: string;
  readonly component?: { readonly key: string; readonly name: string; readonly host?: string };
  readonly path: string;
  readonly verdict: 'change' | 'keep' | 'conflict';
  readonly action: 'add' | 'update' | 'remove';
  readonly before?: unknown;
  readonly after?: unknown;
  readonly target?: unknown;
  readonly setBy?: OriginView;
  readonly rule: string;
  readonly reason: string;
  readonly acceptable: boolean;
}

export interface PlanStepView {
  readonly component: string;
  readonly name: string;
  readonly action: 'create' | 'replace' | 'keep' | 'retire';
  readonly strategy: 'overlap' | 'stop-first';
  readonly after: readonly string[];
}
