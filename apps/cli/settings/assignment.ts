import { WaybillError } from '@waybill/kernel';

/** A setting as the API takes it; a value of `null` gives the item back to the template. */
export interface SettingRequest {
  readonly item: string;
  readonly value: string | null;
  readonly secret?: boolean;
}

/**
 * `web.LOG_LEVEL=debug` → `web/env/LOG_LEVEL`. Everything behind the first `=` is the value, whatever it holds; the component is what stands before
 * the last dot of the rest, so that its name may hold dots. With a slash the left side is an item as it is: `web/memory=256`, `web/env/a.b=1`.
 * @throws WaybillError `invalid-request`
 */
export function envAssignment(text: string): SettingRequest {
  const { left, right } = assigned(text, 'COMPONENT.ENV=VALUE');
  return { item: envItem(left), value: right };
}

/** `web.LOG_LEVEL` → `web/env/LOG_LEVEL`; `cleanup.schedule` → `cleanup/schedule`: when a component runs. @throws WaybillError `invalid-request` */
export function envItem(left: string): string {
  if (left.includes('/')) return left;
  const dot = left.lastIndexOf('.');
  if (dot < 1 || dot === left.length - 1) throw malformed(left, 'COMPONENT.ENV=VALUE, such as web.LOG_LEVEL=debug');
  const name = left.slice(dot + 1);
  return `${left.slice(0, dot)}/${name === 'schedule' ? name : `env/${name}`}`;
}

/** `web:80=8080` → `web/publish/80`; `auto` and `none` are ports too. @throws WaybillError `invalid-request` */
export function publishAssignment(text: string): SettingRequest {
  const form = 'COMPONENT:PORT=HOSTPORT, such as web:80=8080, web:80=auto or web:80=none';
  const { left, right } = assigned(text, form);
  const colon = left.lastIndexOf(':');
  const port = left.slice(colon + 1);
  if (colon < 1 || !/^\d{1,5}$/.test(port) || !/^(\d{1,5}|auto|none)$/.test(right)) throw malformed(text, form);
  return { item: `${left.slice(0, colon)}/publish/${port}`, value: right };
}

/** A configuration file of a component, and the local file whose content it gets. */
export interface FileAssignment {
  readonly item: string;
  readonly file: string;
}

/** `db:/etc/my.cnf=./my.cnf` → `db/file//etc/my.cnf`. @throws WaybillError `invalid-request` */
export function fileAssignment(text: string): FileAssignment {
  const form = 'COMPONENT:/path=FILE, such as db:/etc/my.cnf=./my.cnf';
  const place = text.indexOf(':/');
  const equals = text.indexOf('=', place);
  if (place < 1 || equals < place || equals === text.length - 1) throw malformed(text, form);
  return { item: `${text.slice(0, place)}/file/${text.slice(place + 1, equals)}`, file: text.slice(equals + 1) };
}

function assigned(text: string, form: string): { readonly left: string; readonly right: string } {
  const equals = text.indexOf('=');
  // What stands behind the sign may be a secret.
  if (equals < 1) throw malformed(text.replace(/=.*$/s, '=…'), form);
  return { left: text.slice(0, equals), right: text.slice(equals + 1) };
}

const malformed = (text: string, form: string) =>
  new WaybillError('invalid-request', { reason: `"${text}" is not of the form ${form}.` });
