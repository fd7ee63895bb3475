import type { ItemKind } from './desired.js';

/**
 * What an upgrade does with an item that the target says differently; taken over from the reference system.
 * `follow`: the template decides, also about removal. `grow`: new ones are added and present ones brought up to date, none is removed.
 * `site`: new ones are added; what is there belongs to the site and stays.
 */
export type UpgradeRule = 'follow' | 'grow' | 'site';

export const upgradeRules: Readonly<Record<ItemKind, UpgradeRule>> = {
  image: 'follow',
  command: 'follow',
  endpoints: 'site',
  probe: 'follow',
  depends: 'follow',
  mount: 'follow',
  port: 'grow',
  group: 'grow',
  workload: 'site',
  schedule: 'site',
  env: 'site',
  file: 'site',
  volume: 'site',
  publish: 'site',
  memory: 'site',
  cpu: 'site',
  replicas: 'site',
};

const words: Readonly<Record<ItemKind, string>> = {
  image: 'images follow the template',
  command: 'commands follow the template',
  endpoints: 'where a component answers that runs elsewhere is the site’s to say',
  probe: 'probes follow the template',
  depends: 'dependencies follow the template',
  mount: 'shared mounts follow the template',
  port: 'ports are opened and updated, never closed',
  group: 'membership of a configuration group is added, never ended',
  workload: 'the kind of workload stays as it was installed',
  schedule: 'schedules stay as the site has them',
  env: 'environment values stay as the site has them',
  file: 'the content of configuration files stays as the site has it',
  volume: 'persistent storage stays as it is',
  publish: 'published ports belong to the site',
  memory: 'resources stay as the site has them',
  cpu: 'resources stay as the site has them',
  replicas: 'replica counts stay as the site has them',
};

/** The rule of a kind in words, for the reason of a plan's item. */
export const ruleInWords = (kind: ItemKind): string => words[kind];
