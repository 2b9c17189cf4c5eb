/** The manual, from the schema: config/listwright.example.toml and docs/config.md. `.ci/generate.ts` writes them. */
import { type ConfigKey, type ConfigSection, configSections } from './keys.ts';

/** A file in which every key stands with its default, commented out. */
export function exampleToml(): string {
  const head = [
    ...comment(
      'Configuration of Listwright. Every key is shown with its default: take away the # before those you change. ' +
        'For real mail set at least hostname, domains, base_url, operators and delivery.transport, then run `npx listwright config check`.',
    ),
    '#',
    ...comment(
      'Sizes: "25 MiB". Times: "30s", "15m", "72h", "14d". Rates: "30/1h". Each key can also be set by an environment variable: ' +
        'smtp.max_size by LISTWRIGHT_SMTP__MAX_SIZE.',
    ),
  ];
  return `${[...head, ...configSections.flatMap(exampleSection)].join('\n')}\n`;
}

export function referenceMarkdown(): string {
  const head = `# Configuration

One TOML file: \`--config FILE\`, else \`$LISTWRIGHT_CONFIG\`, else \`./listwright.toml\`, else \`/etc/listwright/listwright.toml\`. With none of them
the server runs in *trial mode*: everything on loopback, data in \`./data\`, nothing is sent. \`config/listwright.example.toml\` is a file to start from.

Every key has a default, except that \`delivery.transport\` must be set before a server starts. Each can be set by an environment variable as well,
which goes before the file: \`LISTWRIGHT_\`, the table, two underscores and the key, in upper case (\`LISTWRIGHT_SMTP__LISTEN=0.0.0.0:25\`); lists are
separated by commas. An unknown key, a wrong type or an impossible value stops the start, and all of them are told at once with file, line, what was
found and what is allowed; an unknown \`LISTWRIGHT_\` variable is only a warning. \`listwright config check\` tells the same without starting.

Sizes are written \`"25 MiB"\`, times \`"30s"\`, \`"15m"\`, \`"72h"\`, \`"14d"\`, rates \`"30/1h"\` (30 in any hour). Relative paths start at the folder of the
file (in a variable: where the program was started). \`listwright config show\` prints what is in force and where it comes from, never a password.
`;
  return [head, ...configSections.map(markdownSection)].join('\n');
}

function exampleSection({ name, description, keys }: ConfigSection): string[] {
  const title = name === '' ? [] : ['', '', ...comment(description), `[${name}]`];
  return [...title, ...keys.flatMap((key) => ['', ...comment(key.description), `#${setting(key)}`])];
}

function markdownSection({ name, description, keys }: ConfigSection): string {
  const title = name === '' ? '## At the top of the file' : `## [${name}]\n\n${description}`;
  const entries = keys.map(
    (key) =>
      `### ${key.path}\n\n${key.description}\n\nDefault: \`${JSON.stringify(key.standard)}\`. Allowed: ${key.kind.allowed.replace(/"[^"]*"/g, '`$&`')}.\n`,
  );
  return [`${title}\n`, ...entries].join('\n');
}

function setting({ path, standard }: ConfigKey): string {
  return `${path.slice(path.indexOf('.') + 1)} = ${JSON.stringify(standard)}`;
}

/** `# ` lines of at most 100 characters. */
function comment(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < 100) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}
