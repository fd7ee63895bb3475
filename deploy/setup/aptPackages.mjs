import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { findProgram, isStaticProgram, run } from './programs.mjs';
import { SetupError } from './command.mjs';

/**
 * What each purpose needs: the program looked for, and the Debian and Ubuntu package that brings it. `alone` asks for a program that
 * needs no library, because it becomes the only file of a container image. A `plugin` of the docker program does as well.
 */
export const PROGRAMS_FOR = {
  engine: [
    { program: 'dockerd', aptPackage: 'docker.io' },
    { program: 'iptables', aptPackage: 'iptables' },
  ],
  tools: [
    { program: 'busybox', aptPackage: 'busybox-static', alone: true },
    { program: 'ssh-keygen', aptPackage: 'openssh-client' },
    { program: 'openssl', aptPackage: 'openssl' },
  ],
  // What exported packages are opened and run with.
  readers: [
    { program: 'docker-compose', aptPackage: 'docker-compose', plugin: 'docker-compose' },
    { program: 'skopeo', aptPackage: 'skopeo' },
  ],
  // For tests alone: where systemd runs, the package starts a registry of its own.
  registry: [{ program: 'docker-registry', aptPackage: 'docker-registry' }],
};

/** The packages still to be installed for a purpose; empty when every program is there. */
export function missingPackages(purpose) {
  return PROGRAMS_FOR[purpose].filter((wanted) => !isThere(wanted)).map(({ aptPackage }) => aptPackage);
}

const PLUGIN_FOLDERS = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'];

function isThere({ program, alone = false, plugin }) {
  if (plugin !== undefined && PLUGIN_FOLDERS.some((folder) => existsSync(`${folder}/docker/cli-plugins/${plugin}`)))
    return true;
  const file = findProgram(program);
  return file !== undefined && (!alone || isStaticProgram(file));
}

/** Why packages cannot be installed here, or undefined when they can. */
export function whyNoApt() {
  if (findProgram('apt-get') === undefined) return 'this is neither Debian nor Ubuntu (there is no apt-get)';
  if (process.getuid?.() !== 0) return 'installing needs root';
  return undefined;
}

/** Whether the machine was booted with systemd, which then runs services on its own. */
export function hasSystemd() {
  return existsSync('/run/systemd/system');
}

/** Installs packages from the distribution. A failed `apt-get update` is only told, because the lists may be good enough. */
export async function installPackages(packages, { log }) {
  const refusal = whyNoApt();
  if (refusal !== undefined) throw new SetupError(`Cannot install ${packages.join(' ')}: ${refusal}.`);
  log(`Installing ${packages.join(' ')} from the distribution's packages`);
  const updated = await aptGet(['update', '-q']);
  if (updated.code !== 0) log(`apt-get update failed; going on with the lists at hand:\n${lastLines(updated.output)}`);
  const installed = await withoutStartingServices(() =>
    aptGet(['install', '-y', '-q', '--no-install-recommends', ...packages]),
  );
  if (installed.code !== 0) {
    throw new SetupError(`apt-get install ${packages.join(' ')} failed:\n${lastLines(installed.output)}`);
  }
}

/** Another apt run (unattended upgrades of a fresh machine) is waited for, up to 5 minutes. */
function aptGet(args) {
  return run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], {
    env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
}

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY =
  '#!/bin/sh\n# Written by the set-up of Waybill while it installs packages, and removed after.\nexit 101\n';

/**
 * Without systemd nobody supervises a service that a package starts, so its start is forbidden for the time of the installation
 * in the way Debian provides. A policy of the machine's own stays as it is.
 */
async function withoutStartingServices(install) {
  const ours = existsSync(POLICY_FILE) && readFileSync(POLICY_FILE, 'utf8') === POLICY;
  if (hasSystemd() || (existsSync(POLICY_FILE) && !ours)) return install();
  const remove = () => rmSync(POLICY_FILE, { force: true });
  const onSignal = () => {
    remove();
    process.exit(1);
  };
  writeFileSync(POLICY_FILE, POLICY, { mode: 0o755 });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
  try {
    return await install();
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, onSignal);
    remove();
  }
}

export function lastLines(text, count = 20) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
