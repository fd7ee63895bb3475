import Docker from 'dockerode';
import type { Runtime } from '../../runtime.js';
import type { TestUnit } from '../../testing/testInstance.js';

/** The id of a unit's first container. */
export async function containerOf(runtime: Runtime, { ref }: TestUnit): Promise<string> {
  const units = await runtime.observe(ref.instance);
  const found = units.find(({ ref: seen }) => seen.record === ref.record && seen.component === ref.component);
  const id = found?.replicas[0]?.id;
  if (id === undefined) throw new Error(`no container of ${ref.component}`);
  return id;
}

/** What a shell command in the unit's first container writes. */
export async function inContainer(runtime: Runtime, unit: TestUnit, command: string): Promise<string> {
  const container = new Docker().getContainer(await containerOf(runtime, unit));
  const exec = await container.exec({ Cmd: ['sh', '-c', command], AttachStdout: true, AttachStderr: true, Tty: true });
  const output = await exec.start({ Tty: true, hijack: true, stdin: false });
  const pieces: Buffer[] = [];
  for await (const piece of output) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString().replaceAll('\r\n', '\n');
}
