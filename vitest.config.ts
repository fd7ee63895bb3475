import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One project per level; the suffix of a spec's name says which level it is. */
const level = (name: string, testTimeout: number, globalSetup: string[] = []) => ({
  extends: true as const,
  test: {
    name,
    include: [`{apps,libs,test}/**/*.${name}.spec.ts`],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout,
    globalSetup,
    hookTimeout: Math.max(testTimeout, 60_000),
  },
});

/** Only these levels may talk to an engine. */
const engine = ['test/support/engine.globalSetup.ts'];

/** Most tests wait for an engine or for another process, most of the time. */
const maxWorkers = Math.max(3, availableParallelism() - 1);

export default defineConfig({
  resolve: { conditions: ['@waybill/source'] },
  ssr: { resolve: { conditions: ['@waybill/source', 'node', 'import', 'module', 'default'] } },
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    pool: 'forks',
    maxWorkers,
    projects: [
      level('unit', 20_000),
      level('contract', 60_000),
      level('int', 120_000, engine),
      level('e2e', 300_000, engine),
    ],
  },
});
