import type { Decider } from '@waybill/event-store';
import { normalisedVersion } from '@waybill/kernel';
import { evolveTemplate, noTemplate, type Template } from './template.js';
import type { StoredContent } from './importEvents.js';
import type { TemplateEvent, VersionContent, VersionOrigin } from './templateEvents.js';
import { assertAcceptable, judge } from './verdict.js';

export type TemplateCommand =
  | {
      readonly type: 'publish-version';
      readonly content: VersionContent;
      readonly stored: StoredContent;
      readonly notes?: string;
    }
  | { readonly type: 'import-version'; readonly content: VersionContent; readonly origin: VersionOrigin };

/** The rules of `template-<key>`: a version is added once and never changes. No events: it is already there with the same content. */
export const templateDecider: Decider<Template, TemplateCommand, TemplateEvent> = {
  decide(command, state) {
    const { content } = command;
    const verdict = judge(state, content);
    assertAcceptable(verdict, content.template, content.version);
    if (verdict.kind === 'already-present') return [];
    const added = versionAdded(command);
    if (state.kind === 'registered') return [added];
    return [{ type: 'template-registered', data: { template: content.template, name: content.name } }, added];
  },
  evolve: evolveTemplate,
  initialState: () => noTemplate,
};

function versionAdded(command: TemplateCommand): TemplateEvent {
  const content = { ...command.content, normalised: normalisedVersion(command.content.version) };
  switch (command.type) {
    case 'publish-version': {
      const notes = command.notes === undefined ? {} : { notes: command.notes };
      return { type: 'version-published', data: { ...content, stored: command.stored, ...notes } };
    }
    case 'import-version':
      return { type: 'version-imported', data: { ...content, ...command.origin } };
  }
}
