/** Where a component that runs elsewhere answers. */
export interface Endpoint {
  /** An IP address without brackets, or a host name. */
  readonly host: string;
  readonly port?: number;
}

export interface Endpoints {
  readonly usable: readonly Endpoint[];
  /** What stands there beside them and leads nowhere, as written. */
  readonly unusable: readonly string[];
}

/**
 * Reads what a package or a site says of a third-party component: a JSON list of `host`, `host:port` or `[v6]:port`, or the same parted by commas.
 * A scheme before and a slash behind are left out. Addresses that a registry elsewhere would have to tell (etcd, a cluster's service) are not usable.
 */
export function readEndpoints(text: string): Endpoints {
  const stated = listed(text.trim());
  const usable: Endpoint[] = [];
  const unusable: string[] = [];
  for (const one of stated) {
    const endpoint = typeof one === 'string' ? parsed(one) : undefined;
    if (endpoint !== undefined) usable.push(endpoint);
    else unusable.push(typeof one === 'string' ? one : JSON.stringify(one));
  }
  return { usable, unusable };
}

function listed(text: string): readonly unknown[] {
  if (text === '') return [];
  if (!/^[[{"]/.test(text) || /^\[[0-9a-f:.]+\](?::\d+)?(?:,|$)/i.test(text)) return byCommas(text);
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'string') return listed(json.trim());
    return Array.isArray(json) ? (json as readonly unknown[]) : [json];
  } catch {
    // No JSON after all: it is told as it stands.
    return byCommas(text);
  }
}

const byCommas = (text: string): readonly string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Is it an IP address, and of which version? */
export function ipVersion(text: string): 4 | 6 | undefined {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text))
    return text.split('.').every((byte) => Number(byte) < 256) ? 4 : undefined;
  return /^[0-9a-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`) ? 6 : undefined;
}

const FORM = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[a-z0-9._-]+))(?::(?<port>\d{1,5}))?\/?$/i;

function parsed(text: string): Endpoint | undefined {
  const trimmed = text.trim();
  if (ipVersion(trimmed) === 6) return { host: trimmed };
  const { v6, name, port } = FORM.exec(trimmed)?.groups ?? {};
  const host = v6 ?? name;
  if (host === undefined || (v6 !== undefined && ipVersion(v6) !== 6)) return undefined;
  // What is all digits and dots is an address or a slip.
  if (v6 === undefined && /^[\d.]+$/.test(host) && ipVersion(host) !== 4) return undefined;
  if (port === undefined) return { host };
  const number = Number(port);
  return number >= 1 && number <= 65535 ? { host, port: number } : undefined;
}
