/** A workflow command that a step printed, unescaped. */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const COMMANDS = new Set(
  'add-mask add-matcher add-path debug echo endgroup error group notice remove-matcher save-state set-env set-output stop-commands warning'.split(
    ' ',
  ),
);

/**
 * Parses one line of a step's output as a workflow command: `::name key=value,key=value::data` at its start, or the
 * older `##[name key=value;key=value]data` anywhere in it. Anything else is plain output, and so is an unknown name.
 *
 * @param resumeToken the token of `::stop-commands::token`, while it is active: a command with that name is then known
 * as well.
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function parseCommand(line: string, resumeToken?: string): WorkflowCommand | undefined {
  const known = (name: string) => COMMANDS.has(name.toLowerCase()) || name === resumeToken;

  const current = /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/s.exec(line);
  if (current?.[1] !== undefined && known(current[1])) {
    return command(current[1], current[2], ',', current[3], unescapeData, unescapeProperty);
  }
  const older = /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/s.exec(line);
  if (older?.[1] !== undefined && known(older[1])) {
    return command(older[1], older[2], ';', older[3], unescapeOlder, unescapeOlder);
  }
  return undefined;
}

type Unescape = (text: string) => string;

function command(
  name: string,
  properties = '',
  separator: string,
  data = '',
  ofData: Unescape,
  ofProperty: Unescape,
): WorkflowCommand {
  const pairs = properties
    .split(separator)
    .map(pair => /^([^=]+)=(.+)$/s.exec(pair.trim()))
    .map(match => [match?.[1] ?? '', ofProperty(match?.[2] ?? '')] as const)
    .filter(([key, value]) => key && value);
  return { name, properties: Object.fromEntries(pairs), data: ofData(data) };
}

// `%25` is last, as in the runner: `%250A` is the text `%0A`, not a line end.
const unescapeData: Unescape = text => text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
const unescapeProperty: Unescape = text => unescapeData(text.replaceAll('%3A', ':').replaceAll('%2C', ','));
const unescapeOlder: Unescape = text => unescapeData(text.replaceAll('%3B', ';').replaceAll('%5D', ']'));
