import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkNodeVersion, whyDependenciesAreStale } from '../../deploy/setup/dependencies.mjs';

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '21.0.0', '24.1.0'])('%s is new enough', (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow();
  });

  it.each(['18.20.8', '20.18.3', '0.10.0'])('%s is refused, naming the oldest that will do', (version) => {
    expect(() => checkNodeVersion(version)).toThrow(`Node 20.19 or newer is needed; this is ${version}`);
  });
});

describe('the installed npm packages', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-setup-'));
    mkdirSync(join(root, 'node_modules'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (file: string, packages: object) => writeFileSync(join(root, file), JSON.stringify({ packages }));
  const wanted = {
    '': { name: 'all' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-aa' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  };
  const staleWith = (installed: object | undefined) => {
    write('package-lock.json', wanted);
    if (installed !== undefined) write('node_modules/.package-lock.json', installed);
    return whyDependenciesAreStale(root);
  };

  it('are current when all that is not optional is there in the wanted version', () => {
    expect(staleWith({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-aa' } })).toBeUndefined();
  });

  it('are stale when nothing was installed', () => {
    expect(staleWith(undefined)).toBe('there are none yet');
  });

  it('are stale when one is missing', () => {
    expect(staleWith({})).toBe('node_modules/a is missing');
  });

  it('are stale when one has another version', () => {
    expect(staleWith({ 'node_modules/a': { version: '0.9.0', integrity: 'sha512-aa' } })).toBe(
      'node_modules/a is 0.9.0, not 1.0.0',
    );
  });

  it('are stale when one has other content under the same version', () => {
    expect(staleWith({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-bb' } })).toBe(
      'node_modules/a has other content than 1.0.0',
    );
  });
});
