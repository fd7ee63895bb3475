import { WaybillError } from '@waybill/kernel';

export interface ListenAddress {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

const ADDRESS = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<host>[A-Za-z0-9._-]+)):(?<port>\d{1,5})$/i;

/** `127.0.0.1:8470`, `[::1]:8470`, `localhost:0`. @throws WaybillError `configuration-invalid` */
export function listenAddress(text: string): ListenAddress {
  const groups = ADDRESS.exec(text)?.groups;
  const host = groups?.['six'] ?? groups?.['host'];
  const port = Number(groups?.['port']);
  if (host === undefined || port > 65_535)
    throw new WaybillError('configuration-invalid', {
      name: 'WAYBILL_LISTEN',
      reason: `"${text}" is not an address and a port, such as 127.0.0.1:8470.`,
    });
  return { host, port };
}
