import type { ComponentPort } from '../manifest.js';
import { byText, sortableNumber } from '../ram/order.js';
import {
  attribute,
  itemsOf,
  list,
  member,
  subject,
  textAt,
  type Placed,
  type Reading,
  type Service,
} from './reading.js';

interface StatedPort {
  readonly port: number;
  readonly protocol: ComponentPort['protocol'];
  readonly published: boolean;
  readonly name?: string | undefined;
}

const SHORT =
  /^(?:(?<ip>\[[0-9a-fA-F:.]+\]|[\d.]+):)?(?:(?<host>\d+(?:-\d+)?)?:)?(?<port>\d+(?:-\d+)?)(?:\/(?<protocol>\w+))?$/;

/** The ports of a service, sorted by number. */
export function portsOf(reading: Reading, service: Service): readonly ComponentPort[] {
  const ports = new Map<number, StatedPort>();
  const published = itemsOf(reading, attribute(service, 'ports')).flatMap((item) =>
    publishedPorts(reading, service, item),
  );
  const exposed = itemsOf(reading, attribute(service, 'expose')).flatMap((item) =>
    shortPorts(reading, service, item, false),
  );
  for (const port of [...published, ...exposed]) {
    const known = ports.get(port.port);
    if (known === undefined) ports.set(port.port, port);
    // What is said twice in two protocols can be reached by one of them only.
    else if (port.protocol !== known.protocol && port.published)
      list(reading, service, `ports ${port.port}/${port.protocol}`, String(port.port));
  }
  const prefix = service.name.toUpperCase().replaceAll(/\W/g, '_');
  return [...ports.values()]
    .sort(byText(({ port }) => [sortableNumber(port)]))
    .map(({ port, protocol, published: opened, name }) => {
      if (opened)
        reading.kept.tell('port-published', subject(service), `The template opens port ${port} to the outside.`);
      return {
        port,
        protocol,
        alias: name?.toUpperCase().replaceAll(/\W/g, '_') ?? (ports.size === 1 ? prefix : `${prefix}_${port}`),
        published: opened,
      };
    });
}

function publishedPorts(reading: Reading, service: Service, item: Placed): readonly StatedPort[] {
  if (typeof item.value === 'string') return shortPorts(reading, service, item, true);
  const text = (name: string) => textAt(reading, member(item, name));
  const [target, host, ip, protocol = 'tcp'] = [text('target'), text('published'), text('host_ip'), text('protocol')];
  const http = text('app_protocol') === 'http';
  fixed(reading, service, target ?? '', host, ip);
  const [known] = protocolOf(reading, member(item, 'protocol').at, http && protocol === 'tcp' ? 'http' : protocol);
  const [port] = range(target ?? '');
  if (known === undefined) return [];
  if (port !== undefined) return [{ port, protocol: known, published: true, name: text('name') }];
  reading.problems.refuse(item.at, 'its target is no port');
  return [];
}

function shortPorts(reading: Reading, service: Service, item: Placed, published: boolean): readonly StatedPort[] {
  const text = textAt(reading, item) ?? '';
  const { ip, host, port = '', protocol = 'tcp' } = SHORT.exec(text)?.groups ?? {};
  const numbers = range(port);
  if (numbers.length === 0) {
    reading.problems.refuse(item.at, `"${text}" is no port`);
    return [];
  }
  if (published) fixed(reading, service, port, host, ip);
  return protocolOf(reading, item.at, protocol).flatMap((known) =>
    numbers.map((number) => ({ port: number, protocol: known, published })),
  );
}

function fixed(
  { kept }: Reading,
  service: Service,
  port: string,
  host: string | undefined,
  ip: string | undefined,
): void {
  const at = [ip, host].filter((part) => part !== undefined && part !== '').join(':');
  if (at !== '')
    kept.tell(
      'port-fixed',
      subject(service),
      `Port ${port} is asked to be at ${at} of the host; here each instance chooses its own.`,
    );
}

function protocolOf({ problems }: Reading, at: string, text: string): readonly ComponentPort['protocol'][] {
  if (text === 'tcp' || text === 'udp' || text === 'http') return [text];
  problems.refuse(at, `the protocol ${text} is not carried: tcp and udp are`);
  return [];
}

/** The numbers of `80` or `8000-8010`; none when it is neither, or too many. */
function range(text: string): readonly number[] {
  const [first = NaN, last = first] = text.split('-').map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : NaN));
  if (!(first >= 1 && last >= first && last <= 65_535 && last - first < 100)) return [];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
