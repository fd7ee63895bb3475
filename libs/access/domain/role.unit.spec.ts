import { describe, expect, it } from 'vitest';
import { allowingRole, role, roles, type Role } from './role.js';

describe('a role', () => {
  it('allows what it is asked for, and nothing it is not', () => {
    const allowed = (held: readonly Role[], needed: readonly Role[]) => allowingRole(held, needed);
    expect(allowed(['operator'], ['operator'])).toBe('operator');
    expect(allowed(['publisher', 'operator'], ['operator', 'publisher'])).toBe('operator');
    expect(allowed(['auditor'], ['operator', 'publisher'])).toBeUndefined();
    expect(allowed([], roles)).toBeUndefined();
  });

  it('of an administrator allows everything, and is named only when no other would do', () => {
    expect(allowingRole(['admin'], [])).toBe('admin');
    expect(allowingRole(['admin'], ['operator'])).toBe('admin');
    expect(allowingRole(['admin', 'operator'], ['operator'])).toBe('operator');
    expect(allowingRole(['operator'], [])).toBeUndefined();
  });

  it('must be one there is', () => {
    expect(role('auditor')).toBe('auditor');
    expect(() => role('root')).toThrow('The role "root" is not known; the roles are publisher, operator');
  });
});
