import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { constants as constantsOf } from 'node:os';
import path from 'node:path';

/** Where services and firewall tools live; cron jobs and plain users often lack these on their PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The search path for programs: the caller's own, then the system's folders it lacks. */
export function searchPath() {
  const own = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return [...own, ...SYSTEM_FOLDERS.filter((folder) => !own.includes(folder))].join(path.delimiter);
}

/** The full path of a program, or undefined when it is not installed. */
export function findProgram(name) {
  return searchPath()
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const PT_INTERP = 3;

/** Whether an ELF program (64 bit, little endian) names no interpreter, so that it runs without any library beside it. */
export function isStaticProgram(file) {
  const elf = readFileSync(file);
  if (elf.length < 64 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 2 || elf[5] !== 1) return false;
  const start = Number(elf.readBigUInt64LE(32));
  const size = elf.readUInt16LE(54);
  const types = Array.from({ length: elf.readUInt16LE(56) }, (_, index) => elf.readUInt32LE(start + index * size));
  return !types.includes(PT_INTERP);
}

/**
 * Runs a program to its end, with no stdin. Answers its exit code and what it wrote (both streams, in order of arrival).
 * A program that cannot be started answers code 127.
 */
export function run(program, args, { env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: searchPath(), ...env },
    });
    let output = '';
    const take = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => {
      resolve({ code: code ?? 1, output: signal === null ? output : `${output}ended by ${signal}\n` });
    });
  });
}

/**
 * Runs a program on our own terminal and answers its exit code. A signal to us is passed on, so that the program ends in its own way.
 * `output: 'stderr'` keeps its output out of our results.
 */
export function runInForeground(
  program,
  args,
  { env = {}, cwd = process.cwd(), output = 'stdout', stdin = 'ignore' } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      stdio: [stdin, output === 'stderr' ? 2 : 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    // Ctrl-C at a terminal reaches the program by itself; a second one would cut its orderly end short.
    const passOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const finish = (code) => {
      for (const signal of signals) process.off(signal, passOn);
      resolve(code);
    };
    child.on('error', (error) => {
      process.stderr.write(`${program}: ${error.message}\n`);
      finish(127);
    });
    child.on('exit', (code, signal) => finish(code ?? 128 + (constantsOf.signals[signal] ?? 0)));
  });
}
