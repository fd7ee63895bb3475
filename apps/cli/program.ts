import { Command } from 'commander';
import { admin } from './commands/admin.js';
import { changes } from './commands/changes.js';
import { exportList } from './commands/exports.js';
import { exportVersion } from './commands/exportVersion.js';
import { importPackages } from './commands/importPackages.js';
import { imports } from './commands/imports.js';
import { inspect } from './commands/inspect.js';
import { install } from './commands/install.js';
import { instances } from './commands/instances.js';
import { settings } from './commands/settings.js';
import { operations } from './commands/operations.js';
import { publish } from './commands/publish.js';
import { publisher } from './commands/publisher.js';
import { records } from './commands/records.js';
import { retention } from './commands/retention.js';
import { templates } from './commands/templates.js';
import { tokens } from './commands/tokens.js';
import { trust } from './commands/trust.js';
import { printableLines } from './output/printableLines.js';
import type { Registration } from './commands/command.js';
import type { Surroundings } from './surroundings.js';

const registrations: readonly Registration[] = [
  publish,
  templates,
  inspect,
  importPackages,
  imports,
  exportVersion,
  exportList,
  install,
  instances,
  settings,
  changes,
  records,
  tokens,
  trust,
  publisher,
  retention,
  operations,
  admin,
];

/** The command line, ready to parse. Wrong usage throws commander's own error. */
export function program(surroundings: Surroundings): Command {
  const { terminal } = surroundings;
  const root = new Command('waybill')
    .description('carries versioned applications into places without a network: import, install, upgrade, roll back')
    .option('--url <address>', 'of the server (WAYBILL_URL; http://127.0.0.1:8470)')
    .option('--token <token>', 'who asks (WAYBILL_TOKEN; the admin-token file of a server on this machine)')
    .option('--json', 'print the answer of the API, for programs')
    .option('-q, --quiet', 'say nothing but results and failures')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(printableLines(text)) })
    .showHelpAfterError('(--help says more)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 usage, 3 refused by a rule, 4 not found, 5 conflict, 6 denied, 7 unavailable',
    );
  for (const register of registrations) register(root, surroundings);
  return root;
}
