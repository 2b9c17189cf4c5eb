/** Completion scripts, made from commander's tree, so that they cannot lag behind it. */
import type { Command, Option } from 'commander';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function completionScript(shell: Shell, program: Command): string {
  const points = pointsOf(program, '');
  const global = program.options.filter((option) => !option.hidden);
  switch (shell) {
    case 'bash':
      return bash(points, global);
    case 'zsh':
      return zsh(points, global);
    case 'fish':
      return fish(points, global);
  }
}

/** A place on the command line after some words: what may come next. */
interface Point {
  /** ` list create`, each word after a space. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly Option[];
}

interface Word {
  readonly text: string;
  readonly about: string;
}

/** Deepest first: the first path that begins like the typed words is the right one. */
function pointsOf(command: Command, path: string): readonly Point[] {
  const children = command.commands.flatMap((child) => pointsOf(child, `${path} ${child.name()}`));
  const words = [
    ...command.commands.map((child) => ({ text: child.name(), about: child.description() })),
    ...command.registeredArguments.flatMap(({ argChoices, description }) =>
      (argChoices ?? []).map((text) => ({ text, about: description })),
    ),
  ];
  const options = path === '' ? [] : command.options.filter((option) => !option.hidden);
  return [...children, { path, words, options }];
}

function bash(points: readonly Point[], global: readonly Option[]): string {
  const cases = points.map(({ path, words, options }) => {
    const all = [...words.map(({ text }) => text), ...[...options, ...global].flatMap(flagsOf)];
    return `    ${pattern(path)}) words=${quote(all.join(' '))} ;;`;
  });
  return `# bash completion for listwright
_listwright() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" words="" word skip=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walk(points, global)}
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _listwright listwright
`;
}

function zsh(points: readonly Point[], global: readonly Option[]): string {
  const cases = points.map(({ path, words, options }) => {
    const flags = [...options, ...global].flatMap((option) =>
      flagsOf(option).map((text) => ({ text, about: option.description })),
    );
    const all = [...words, ...flags].map(({ text, about }) =>
      quote(`${text.replaceAll(':', '\\:')}:${about}`),
    );
    return `    ${pattern(path)}) found=(${all.join(' ')}) ;;`;
  });
  return `#compdef listwright
_listwright() {
  local path_="" word skip=""
  local -a found
  for word in \${words[2,CURRENT-1]}; do
${walk(points, global).replaceAll('path', 'path_')}
  done
  case "$path_" in
${cases.join('\n')}
  esac
  _describe listwright found || _files
}
if [ "$funcstack[1]" = "_listwright" ]; then _listwright "$@"; else compdef _listwright listwright; fi
`;
}

function fish(points: readonly Point[], global: readonly Option[]): string {
  const lines = points.flatMap(({ path, words, options }) => {
    const at = `complete -c listwright -n ${quote(`__listwright_at ${quote(path)}`)}`;
    return [
      ...words.map(({ text, about }) => `${at} -f -a ${quote(text)} -d ${quote(about)}`),
      ...options.map((option) => `${at} ${fishOption(option)}`),
    ];
  });
  const known = points.map(({ path }) => quote(path)).join(' ');
  return `# fish completion for listwright
function __listwright_at
  set -l path ""
  set -l skip 0
  for word in (commandline -opc)[2..]
    if test $skip = 1
      set skip 0
    else if contains -- $word ${withValues(points, global).join(' ')}
      set skip 1
    else if not string match -q -- '-*' $word
      contains -- "$path $word" ${known}; and set path "$path $word"
    end
  end
  test "$path" = $argv[1]
end
${[...lines, ...global.map((option) => `complete -c listwright ${fishOption(option)}`)].join('\n')}
`;
}

/** Shell lines that gather the commands among the words so far; the value of an option is none. */
function walk(points: readonly Point[], global: readonly Option[]): string {
  return `    if [ -n "$skip" ]; then skip=""; continue; fi
    case "$word" in
      ${withValues(points, global).join('|')}) skip=1 ;;
      -*) ;;
      *) path="$path $word" ;;
    esac`;
}

function withValues(points: readonly Point[], global: readonly Option[]): readonly string[] {
  const options = [...global, ...points.flatMap((point) => point.options)];
  return [...new Set(options.filter((option) => option.required).flatMap(flagsOf))];
}

function pattern(path: string): string {
  return path === '' ? '""' : `${quote(path)}|${quote(`${path} `)}*`;
}

function flagsOf({ long, short }: Option): string[] {
  return [long, short].filter((flag) => typeof flag === 'string');
}

function fishOption({ long, short, required, description }: Option): string {
  const names = [long && `-l ${long.slice(2)}`, short && `-s ${short.slice(1)}`].filter(Boolean).join(' ');
  return `${names}${required ? ' -r' : ''} -d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
