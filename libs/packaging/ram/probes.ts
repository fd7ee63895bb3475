import type { Probe } from '../manifest.js';
import type { Carrying } from './carrying.js';
import { distinct } from './distinct.js';
import { positive } from './resources.js';
import type { RamComponent, RamProbe } from './metadata.js';

/** The probes of a component, liveness before readiness; what is switched off or cannot be checked is carried. */
export function probesOf(component: RamComponent, key: string, carrying: Carrying): readonly Probe[] {
  const usable = component.probes.filter((probe) => {
    const off = !probe.used || probe.mode === 'ignore' || probe.mode === '';
    if (!off && purposeOf(probe) !== undefined && checkOf(probe) !== undefined) return true;
    carrying.carry({
      kind: off ? 'unused-probe' : 'unusable-probe',
      name: `${probe.mode} ${probe.scheme}`.trim(),
      component: key,
      content: probe.source,
      told: !off,
      why: whyUnusable(probe),
    });
    return false;
  });
  return distinct(usable, 'probe', key, ({ mode }) => mode, carrying).flatMap((probe) => {
    const purpose = purposeOf(probe);
    const check = checkOf(probe);
    if (purpose === undefined || check === undefined) return [];
    return [
      {
        purpose,
        check,
        initialDelay: probe.initialDelay ?? 4,
        period: positive(probe.period, 3),
        timeout: positive(probe.timeout, 5),
        failureThreshold: positive(probe.failureThreshold, 3),
        // One success ends a liveness failure, whatever the source says.
        successThreshold: purpose === 'liveness' ? 1 : positive(probe.successThreshold, 1),
      },
    ];
  });
}

function whyUnusable(probe: RamProbe): string {
  if (purposeOf(probe) === undefined) return `"${probe.mode}" is neither readiness nor liveness`;
  const scheme = probe.scheme.toLowerCase();
  if (scheme === 'cmd') return 'it says no command';
  return ['', 'tcp', 'http'].includes(scheme)
    ? 'it says no port'
    : `"${probe.scheme}" is none of http, tcp and cmd, by which a component can be asked`;
}

const purposeOf = ({ mode }: RamProbe): Probe['purpose'] | undefined =>
  mode === 'readiness' || mode === 'liveness' ? mode : undefined;

function checkOf(probe: RamProbe): Probe['check'] | undefined {
  switch (probe.scheme.toLowerCase()) {
    case 'http':
      return httpCheckOf(probe);
    case 'tcp':
    case '':
      return probe.port === 0 ? undefined : { kind: 'tcp', port: probe.port };
    case 'cmd':
      return probe.command.trim() === '' ? undefined : { kind: 'command', command: probe.command };
    default:
      return undefined;
  }
}

function httpCheckOf({ port, path, headers: text }: RamProbe): Probe['check'] | undefined {
  const headers = headersOf(text);
  const canBeAsked = port !== 0 && !CONTROL.test(path) && headers.every(isHeader);
  return canBeAsked ? { kind: 'http', port, path: path || '/', headers } : undefined;
}

const CONTROL = /\p{Cc}/u;

/** As RFC 9110 has it: a token, and a value of printable characters of one byte each. */
const isHeader = ({ name, value }: { readonly name: string; readonly value: string }): boolean =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t -~\u00a0-\u00ff]*$/.test(value);

/** `name=value,name=value`; a value may hold further equals signs. */
function headersOf(text: string): readonly { readonly name: string; readonly value: string }[] {
  return text
    .split(',')
    .map((header) => {
      const [name = '', ...value] = header.split('=');
      return { name: name.trim(), value: value.join('=').trim() };
    })
    .filter(({ name }) => name !== '');
}
