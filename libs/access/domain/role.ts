import { WaybillError } from '@waybill/kernel';

export const roles = ['publisher', 'operator', 'approver', 'auditor', 'admin'] as const;

/** What an account may do. `admin` may do everything, `auditor` may read everything, the others do what their name says and read. */
export type Role = (typeof roles)[number];

export const isRole = (text: string): text is Role => (roles as readonly string[]).includes(text);

/** @throws WaybillError `role-unknown` */
export function role(text: string): Role {
  if (!isRole(text)) throw new WaybillError('role-unknown', { role: text, roles });
  return text;
}

/** The role of those held that allows what one of `needed` is enough for; nothing when it is refused. */
export function allowingRole(held: readonly Role[], needed: readonly Role[]): Role | undefined {
  return needed.find((role) => held.includes(role)) ?? (held.includes('admin') ? 'admin' : undefined);
}
