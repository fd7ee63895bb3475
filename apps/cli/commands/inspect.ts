import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { inspectionText } from '../output/inspectionText.js';
import { inspectionOf } from '../inspection.js';
import { openSession } from '../session.js';
import type { Command } from 'commander';
import { examples, type Registration } from './command.js';

/** `waybill inspect`: what a file is, without a server. */
export const inspect: Registration = (program, surroundings) => {
  const command = program
    .command('inspect')
    .description('what a package holds and whether it is sound; needs no server')
    .argument('<file>')
    .action(async (file: string, _: unknown, self: Command) => {
      const session = await openSession(self, surroundings);
      // Slow to load, and of no use to the other commands.
      const { openContentStore } = await import('@waybill/content-store');
      const { readRamPackage } = await import('@waybill/packaging');
      const path = resolve(surroundings.workingFolder, file);
      const folder = await mkdtemp(join(tmpdir(), 'waybill-inspect-'));
      try {
        const staging = await (await openContentStore(folder)).stage('inspected');
        const found = await readRamPackage({ path }, staging, {
          onProgress: (bytes, total) => session.progress.show({ step: `reading ${basename(path)}`, bytes, total }),
        });
        session.progress.end();
        const inspection = inspectionOf(found, basename(path));
        session.show(inspection, () => `${inspectionText(inspection)}\nThe package is sound.\n`);
      } finally {
        session.progress.end();
        await rm(folder, { recursive: true, force: true });
      }
    });
  examples(command, 'waybill inspect backend-system-1.0-ram.tar.gz');
};
