import type { Decider } from '@waybill/event-store';
import { normalisedVersion } from '@waybill/kernel';
import { assertPublisher, evolveTemplate, noTemplate, type Template } from './template.js';
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
    if (command.type === 'import-version' && command.origin.publisher !== undefined)
      assertPublisher(state, content.template, command.origin.publisher);
    const verdict = judge(state, content);
    assertAcceptable(verdict, content.template, content.version);
    if (verdict.kind === 'already-present') return [];
    const registered: readonly TemplateEvent[] =
      state.kind === 'registered'
        ? []
        : [{ type: 'template-registered', data: { template: content.template, name: content.name } }];
    return [...registered, ...binding(command, state), versionAdded(command)];
  },
  evolve: evolveTemplate,
  initialState: () => noTemplate,
};

/** The first signed package says whose the template is. */
function binding(command: TemplateCommand, state: Template): readonly TemplateEvent[] {
  if (command.type !== 'import-version' || command.origin.publisher === undefined) return [];
  if (state.kind === 'registered' && state.publisher !== undefined) return [];
  const { content, origin } = command;
  return [
    {
      type: 'publisher-bound',
      data: { template: content.template, import: origin.import, ...command.origin.publisher },
    },
  ];
}

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
