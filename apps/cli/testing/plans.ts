import type { PlanItemView, PlanView } from '../api/plan.js';

const db = { key: 'a01', name: '数据库 MySQL' };
const web = { key: 'a02', name: 'web' };
const moduleD = { key: 'a03', name: '业务模块D' };

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const image = (digit: string) => ({
  config: digest(digit),
  diffIds: [digest('0')],
  os: 'linux',
  architecture: 'amd64',
});

const item = (
  component: PlanItemView['component'],
  path: string,
  rest: Omit<PlanItemView, 'id' | 'path' | 'acceptable'> & { readonly acceptable?: boolean },
): PlanItemView => ({
  id: `${component?.key ?? 'shared'}/${path}`,
  ...(component === undefined ? {} : { component }),
  path,
  acceptable: false,
  ...rest,
});

const follows = { verdict: 'change', action: 'update', rule: 'follows-template' } as const;
const isNew = {
  verdict: 'change',
  action: 'add',
  rule: 'new-in-target',
  reason: 'new in the target version',
} as const;

/** An upgrade in which everything occurs: changes, values that stay and why, a conflict, a configuration file, an added component. */
export const upgradePlan: PlanView = {
  digest: digest('f'),
  kind: 'upgrade',
  instance: { id: '11111111-1111-5111-8111-111111111111', name: 'shop' },
  template: { key: 'backend-system', name: 'backend-system' },
  from: { version: '1.0', manifest: digest('1') },
  to: { version: '2.0', manifest: digest('2') },
  items: [
    item(db, 'file//etc/my.cnf', {
      verdict: 'keep',
      action: 'update',
      before: { document: digest('a'), mode: 420 },
      after: { document: digest('a'), mode: 420 },
      target: { document: digest('b'), mode: 420 },
      setBy: { kind: 'template', version: '1.0' },
      rule: 'stays-as-site-has-it',
      reason: 'the content of configuration files stays as the site has it',
      acceptable: true,
    }),
    item(db, 'image', { ...follows, before: image('1'), after: image('2'), reason: 'images follow the template' }),
    item(web, 'depends/a03', { ...isNew, after: true }),
    item(web, 'env/FEATURE_X', { ...isNew, after: { scope: 'own', text: 'on\u001b[2J' } }),
    item(web, 'env/LOG_LEVEL', {
      verdict: 'conflict',
      action: 'update',
      before: { scope: 'own', text: 'warn' },
      after: { scope: 'own', text: 'warn' },
      target: { scope: 'own', text: 'debug' },
      setBy: { kind: 'site' },
      rule: 'both-changed',
      reason: 'the site and the template both changed it',
      acceptable: true,
    }),
    item(web, 'env/OLD', {
      verdict: 'keep',
      action: 'remove',
      before: { scope: 'own', text: '1' },
      after: { scope: 'own', text: '1' },
      rule: 'never-removed',
      reason: 'the target version no longer has it',
      acceptable: true,
    }),
    item(web, 'command', {
      ...follows,
      action: 'remove',
      before: 'run --fast',
      reason: 'commands follow the template',
    }),
    item(moduleD, 'component', { ...isNew, after: { name: moduleD.name, host: 'module-d' } }),
    item(moduleD, 'command', { ...isNew, after: '' }),
    item(moduleD, 'env/TOKEN', { ...isNew, after: { scope: 'own', secret: 'a03/TOKEN' } }),
    item(moduleD, 'image', { ...isNew, after: image('3') }),
    item(moduleD, 'memory', { ...isNew, after: 128 }),
    item(moduleD, 'port/8080', { ...isNew, after: { protocol: 'http', alias: 'D', published: true } }),
    item(moduleD, 'publish/8080', {
      verdict: 'change',
      action: 'add',
      after: { hostPort: 20_001, protocol: 'tcp' },
      rule: 'assigned-here',
      reason: 'a free port of the host was chosen',
    }),
    item(undefined, 'group/common/REGION', {
      verdict: 'keep',
      action: 'update',
      before: 'cn-north',
      after: 'cn-north',
      target: 'cn-south',
      rule: 'stays-as-site-has-it',
      reason: 'environment values stay as the site has them',
      acceptable: true,
    }),
  ],
  steps: [
    { component: db.key, name: db.name, action: 'replace', strategy: 'stop-first', after: [] },
    { component: web.key, name: web.name, action: 'replace', strategy: 'overlap', after: [db.key] },
    { component: moduleD.key, name: moduleD.name, action: 'create', strategy: 'overlap', after: [] },
    { component: 'a04', name: 'cache', action: 'keep', strategy: 'overlap', after: [] },
  ],
  secrets: [{ name: 'a03/TOKEN', version: 1 }],
  removeVolumes: false,
  warnings: [
    {
      code: 'loopback-address',
      subject: 'web',
      message: 'URL names 127.0.0.1, which inside a container is the container itself.',
    },
  ],
  contents: {
    [digest('a')]: '[mysqld]\nmax_connections=100\nport=3306\n',
    [digest('b')]: '[mysqld]\nmax_connections=200\nport=3306\n',
  },
};
