import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { findProgram, run, searchPath } from './programs.mjs';

const CHAIN = 'WAYBILL-PROBE';

/** The rules a bridge network needs; a kernel without one of these matches or targets refuses the rule. */
const RULES = [
  ['nat', ['-m', 'addrtype', '--dst-type', 'LOCAL', '-j', 'RETURN']],
  ['nat', ['-s', '192.0.2.0/24', '-j', 'MASQUERADE']],
  ['filter', ['-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED', '-j', 'ACCEPT']],
];

/**
 * How dockerd is to use the firewall of this kernel: as found, with the older of the two iptables programs, or not at all.
 * `shimFolder` receives links for the second case, so that the machine's own choice of iptables stays untouched.
 */
export async function chooseFirewall(shimFolder, { log }) {
  const asFound = await whyRefused('iptables');
  if (asFound === undefined) return { path: searchPath(), args: [] };
  const legacy = await whyRefused('iptables-legacy');
  if (legacy === undefined) {
    log('iptables (nf_tables) does not work with this kernel; the engine uses iptables-legacy');
    return { path: `${linkLegacy(shimFolder)}${path.delimiter}${searchPath()}`, args: [] };
  }
  log(
    `iptables does not work with this kernel (${asFound}); containers reach each other and published ports, not the outside`,
  );
  return { path: searchPath(), args: ['--iptables=false'] };
}

async function whyRefused(iptables) {
  if (findProgram(iptables) === undefined) return `${iptables} is not installed`;
  for (const [table, rule] of RULES) {
    const call = (...args) => run(iptables, ['-w', '10', '-t', table, ...args]);
    await call('-N', CHAIN);
    const added = await call('-A', CHAIN, ...rule);
    await call('-F', CHAIN);
    await call('-X', CHAIN);
    if (added.code !== 0) return added.output.trim();
  }
  return undefined;
}

function linkLegacy(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['iptables', 'ip6tables', 'iptables-save', 'iptables-restore']) {
    const target = findProgram(name.replace(/^(ip6?tables)/, '$1-legacy'));
    if (target !== undefined) symlinkSync(target, path.join(folder, name));
  }
  return folder;
}
