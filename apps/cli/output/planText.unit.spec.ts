import { describe, expect, it } from 'vitest';
import { upgradePlan } from '../testing/plans.js';
import { planText } from './planText.js';

describe('a plan for people', () => {
  it('says component by component what changes, what stays and why, and how to have it otherwise', () => {
    expect(planText(upgradePlan)).toBe(`Upgrade "shop": backend-system 1.0 → 2.0

数据库 MySQL: is replaced; the old one stops first, for the sake of its data
  = file /etc/my.cnf stays — the content of configuration files stays as the site has it; --accept '数据库 MySQL/file//etc/my.cnf'
      --- stays
      +++ 2.0 says
      - max_connections=100
      + max_connections=200
  ~ image: sha256:111111111111 → sha256:222222222222 — images follow the template

web: is replaced; the new one proves itself before the old one ends
  + needs 业务模块D — new in the target version
  + env FEATURE_X: on\\u001b[2J — new in the target version
  ! env LOG_LEVEL: stays warn; 2.0 says debug — the site and the template both changed it; set at this site; --accept web/env/LOG_LEVEL
  = env OLD: stays 1; 2.0 has none — the target version no longer has it; --accept web/env/OLD
  - command: run --fast goes — commands follow the template

业务模块D: starts
  + added: 业务模块D, inside called module-d
      env TOKEN a secret; image sha256:333333333333; memory 128 MiB; port 8080 http, published; published 8080 at port 20001/tcp of the host

cache: keeps running untouched

Shared values
  = group common/REGION: stays cn-north; 2.0 says cn-south — environment values stay as the site has them; --accept shared/group/common/REGION

Generated
  + secret 业务模块D/TOKEN

Know
  ! web: URL names 127.0.0.1, which inside a container is the container itself.

11 changes, 3 kept, 1 conflict, 3 components touched
plan sha256:${'f'.repeat(64)}
`);
  });

  it('names a component by its key where two have one name', () => {
    const twins = { ...upgradePlan, steps: upgradePlan.steps.map((step) => ({ ...step, name: 'web' })) };
    expect(planText(twins)).toContain('--accept a02/env/LOG_LEVEL');
  });

  it('does not say of a component that is new that it keeps running, where it starts nothing now', () => {
    const steps = upgradePlan.steps.map((step) =>
      step.name === '业务模块D' ? { ...step, action: 'keep' as const } : step,
    );
    const told = planText({ ...upgradePlan, kind: 'install', steps });
    expect(told).toContain('\n业务模块D: is added; nothing of it starts now\n  + added: 业务模块D');
    expect(told).toContain('\ncache: keeps running untouched\n');
  });

  it('shows the content that a configuration file gets when its change was accepted', () => {
    const [file] = upgradePlan.items;
    const accepted = { ...file!, verdict: 'change' as const, after: file!.target, reason: 'accepted' };
    expect(planText({ ...upgradePlan, items: [accepted], steps: [], secrets: [], warnings: [] })).toContain(`
  ~ file /etc/my.cnf: new content — accepted
      --- now
      +++ then
      - max_connections=100
      + max_connections=200
`);
  });

  it.each([
    [true, 'Its volumes are deleted, and all data in them.'],
    [false, 'Its volumes stay on the engine with their data.'],
  ])('says of a removal what becomes of the data (volumes: %s)', (removeVolumes, sentence) => {
    const steps = upgradePlan.steps.slice(0, 1).map((step) => ({ ...step, action: 'retire' as const }));
    const removal = {
      ...upgradePlan,
      kind: 'remove' as const,
      to: null,
      items: [],
      steps,
      secrets: [],
      warnings: [],
      removeVolumes,
    };
    expect(planText(removal)).toBe(
      `Remove "shop": backend-system 1.0\n${sentence}\n\n数据库 MySQL: ends\n\n1 component ends\nplan sha256:${'f'.repeat(64)}\n`,
    );
  });

  it('says of a rollback which record it undoes, and of a component that was added that it stays', () => {
    const left = {
      id: 'a03/component',
      component: { key: 'a03', name: '业务模块D' },
      path: 'component',
      verdict: 'keep' as const,
      action: 'remove' as const,
      rule: 'added-stays',
      reason: 'added by version 2.0; it keeps running (--remove-added takes it away)',
      acceptable: false,
    };
    const text = planText({
      ...upgradePlan,
      kind: 'rollback',
      undoes: 'r-1',
      items: [left],
      steps: [],
      secrets: [],
      warnings: [],
    });
    expect(text).toContain('undoing the record r-1\nVolumes and their data stay as they are.\n');
    expect(text).toContain(
      '  = component stays — added by version 2.0; it keeps running (--remove-added takes it away)\n',
    );
  });
});
