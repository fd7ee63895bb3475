import type { Digest, Text } from '@waybill/kernel';
import { secretAmong } from './environment.js';
import { itemsOfKind, valueAt, type FileValue, type Running, type RunningComponent } from './items.js';
import { usableMounts } from './mounts.js';
import { ownSecret, withSecrets } from './placeholders.js';
import { substitute } from './substitute.js';

/** A configuration file as a component finds it. */
export interface FoundFile {
  readonly path: string;
  /** Unix mode bits. */
  readonly mode: number;
  readonly content: Text;
}

/**
 * The configuration files of a component, its own and those of others that it mounts, with its own variables put in.
 * @param contents the texts by their digest
 */
export function filesOf(
  component: RunningComponent,
  running: Running,
  contents: ReadonlyMap<Digest, string>,
  environment: ReadonlyMap<string, Text>,
): readonly FoundFile[] {
  const fileOf = (owner: RunningComponent, from: string, path: string): readonly FoundFile[] => {
    const value = valueAt<FileValue>(owner, `file/${from}`);
    if (value === undefined) return [];
    const content = contents.get(value.document);
    if (content === undefined) throw new Error(`the content ${value.document} of ${from} was not given`);
    const text = withSecrets(content, ownSecret.file(owner.key, from), secretAmong(running));
    return [{ path, mode: value.mode, content: substitute(text, environment) }];
  };
  return [
    ...itemsOfKind(component, 'file').flatMap(({ name: path }) => fileOf(component, path, path)),
    ...usableMounts(component, running).flatMap(({ path, owner, value }) =>
      'file' in value ? fileOf(owner, value.file, path) : [],
    ),
  ];
}
