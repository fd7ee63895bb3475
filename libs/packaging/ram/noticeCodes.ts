/** Every code a notice about `ram` metadata may have; docs/formats.md says what each means. A code is never renamed or given another meaning. */
export const noticeCodes = [
  'alias-ambiguous',
  'architecture-differs',
  'component-identified',
  'config-group-dangling',
  'connection-fixed',
  'cron-schedule-missing',
  'dependency-cycle',
  'dependency-dangling',
  'duplicate-entry',
  'image-by-equivalence',
  'image-missing',
  'loopback-address',
  'mount-dangling',
  'part-carried',
  'port-published',
  'route-dangling',
  'route-not-applied',
  'secret-embedded',
  'secret-in-clear',
  'template-version-unknown',
  'unknown-field',
  'version-not-ordered',
  'workload-unsupported',
] as const;

export type NoticeCode = (typeof noticeCodes)[number];
