import type { Composed } from './composed.js';
import { oneLine } from './composeFile.js';
import type { Variable } from './variables.js';

/** Everything that may stand in `.env`, values with what holds where they do not. */
export const variablesOf = ({ variables, ports }: Composed): readonly Variable[] =>
  [...[...variables.values()], ...ports.map(({ variable }) => variable)].sort((a, b) => (a.name < b.name ? -1 : 1));

/** `.env.example`: read by `run.sh` for what `.env` does not say, and by people for what it may say. */
export function envExample(composed: Composed): string {
  const lines = variablesOf(composed).flatMap((variable) => [
    `# ${oneLine(variable.meaning)}`,
    variable.kind === 'value'
      ? `${variable.name}=${variable.fallback}`
      : `# ${variable.name}= (generated at the first start)`,
  ]);
  return [
    '# What .env may say, and what holds where it does not. Values stand as they are, without quotes.',
    `COMPOSE_PROJECT_NAME=${composed.project}`,
    ...lines,
    '',
  ].join('\n');
}
