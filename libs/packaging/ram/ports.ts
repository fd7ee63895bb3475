import type { ComponentPort } from '../manifest.js';
import { subjectOf, type Carrying } from './carrying.js';
import { distinct } from './distinct.js';
import type { RamComponent, RamPort } from './metadata.js';
import { sortableNumber } from './order.js';

/** The ports of a component, sorted by number. */
export function portsOf(component: RamComponent, key: string, carrying: Carrying): readonly ComponentPort[] {
  const ports = distinct(component.ports, 'port', key, ({ port }) => sortableNumber(port), carrying);
  return ports.map((port) => {
    if (port.outer)
      carrying.tell('port-published', subjectOf(key), `The template opens port ${port.port} to the outside.`);
    return {
      port: port.port,
      protocol: protocolOf(port),
      alias: port.alias === '' ? `ALIAS${port.port}` : port.alias.toUpperCase(),
      published: port.outer,
      ...(port.k8sServiceName === '' ? {} : { hostHint: port.k8sServiceName }),
    };
  });
}

/** Old packages name what speaks there (`mysql`); on the wire that is TCP. */
function protocolOf({ protocol }: RamPort): ComponentPort['protocol'] {
  const known = protocol.toLowerCase();
  return known === 'udp' || known === 'http' ? known : 'tcp';
}
