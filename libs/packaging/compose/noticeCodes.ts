/**
 * Every code that only a notice about a Compose file has; docs/formats.md says what each means. What it shares with `ram` metadata has the code it
 * has there. A code is never renamed or given another meaning.
 */
export const composeNoticeCodes = [
  'bind-as-file',
  'name-fixed',
  'networks-merged',
  'port-fixed',
  'profile-left-out',
  'text-substituted',
  'variable-fixed',
  'variable-unset',
] as const;

export type ComposeNoticeCode = (typeof composeNoticeCodes)[number];
