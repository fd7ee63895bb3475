import { diagnose } from '../admin/diagnose.js';
import { rebuildReadModels } from '../admin/rebuild.js';
import { copyBetween, type CopyFlags } from '../admin/copy.js';
import { examples, withSession, type Registration } from './command.js';

/** `waybill admin …`: care for the server and its log. */
export const admin: Registration = (program, surroundings) => {
  const group = program.command('admin').description('care for the server and its log');
  examples(
    group,
    'waybill admin doctor',
    'waybill admin rebuild',
    'waybill admin copy --from .waybill/events.db --to env:WAYBILL_EVENTSTORE',
    'waybill admin copy --from env:WAYBILL_EVENTSTORE --to ./events.db',
  );
  group
    .command('copy')
    .description('move a whole log to another store, and verify every event; needs no server, stop it before')
    .requiredOption('--from <log>', 'a file of the embedded store, esdb://…, or env:NAME for a variable that says it')
    .requiredOption('--to <log>', 'the same; empty, or what an earlier copy left')
    .action(withSession(surroundings, (session, flags: CopyFlags) => copyBetween(session, flags)));
  group
    .command('doctor')
    .description('look into store, log, documents, content, engine and disk; ends with 1 when there is a problem')
    .action(withSession(surroundings, (session) => diagnose(session)));
  group
    .command('rebuild')
    .description('make the read models of the server anew from the log; the present ones serve meanwhile')
    .action(withSession(surroundings, (session) => rebuildReadModels(session)));
};
