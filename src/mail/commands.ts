import { baseSubject } from '../domain/base-subject.ts';
import type { List } from '../domain/list.ts';
import { readArguments } from './command-arguments.ts';
import { findVerb, isStopWord, type Verb } from './command-verbs.ts';
import { matchIntent } from './intents.ts';
import type { MailCommand } from './mail-command.ts';
import { stripMarks } from './own-text.ts';
import { readCommand } from './read-command.ts';

export type { MailCommand } from './mail-command.ts';

export interface CommandScope {
  /** Mail to `listserv@`: the list's name is the first argument, and verbs may be abbreviated. */
  readonly site: boolean;
  /** Mail to `birds-request@`: its name may stand in a plain sentence. */
  readonly list?: Pick<List, 'name' | 'domain' | 'title'>;
}

/** Mailman's limit, and more than anybody has needed. */
const maxCommands = 10;
/** Behind the subject, for the first command. */
const maxLinesBefore = 10;
/** Lines of commands that are read at all: those beyond ten are told. */
const maxLines = 1000;
const maxLine = 200;

export interface ReadCommands {
  readonly commands: readonly MailCommand[];
  /** What stood below ten commands and is one, too: nobody does it, and its sender must hear that. */
  readonly left: readonly { readonly line: string; readonly kind: MailCommand['kind'] }[];
}

/**
 * The commands of a mail, at most ten: its subject first, then the person's own text. Lines that are no command are passed over until the
 * first that is one; after that the first such line ends it (it is the signature). No commands: nothing was understood.
 */
export function parseCommands(subject: string, ownText: string, scope: CommandScope): ReadCommands {
  const lines = [subjectText(subject), ...ownText.split('\n')]
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const commands: MailCommand[] = [];
  const left: ReadCommands['left'][number][] = [];
  // Mail programs put the same word into subject and body.
  const said = new Set<string>();
  for (const [at, line] of lines.slice(0, maxLines).entries()) {
    if (commands.length === 0 && at > maxLinesBefore) break;
    // A mail that says nothing but "stop" asks for something; after a command the word ends the mail.
    if (isStopWord(line) && (commands.length > 0 || scope.site)) break;
    const command = readLine(line, scope);
    if (!command && commands.length > 0 && line !== lines[0]) break;
    if (!command || said.has(JSON.stringify(command))) continue;
    said.add(JSON.stringify(command));
    if (commands.length < maxCommands) commands.push(command);
    else left.push({ line, kind: command.kind });
  }
  return { commands, left };
}

/** Without reply markers and tags, in the case it was written in. */
function subjectText(subject: string): string {
  const text = subject.replace(/\s+/g, ' ').trim();
  const { base } = baseSubject(text);
  return base.length <= text.length ? text.slice(text.length - base.length) : text;
}

function readLine(line: string, scope: CommandScope): MailCommand | undefined {
  if (line.length > maxLine) return undefined;
  // "Remove me from this list, please" begins with a verb too; the plain sentence is the safer reading.
  const intent = scope.site ? undefined : matchIntent(line, scope.list);
  const found = findVerb(unquote(line), scope.site);
  const command =
    found &&
    readCommand(
      found.verb,
      readArguments(wordsOf(line, found)),
      scope.site ? undefined : (scope.list?.name ?? ''),
    );
  if (command && !(intent && isVaguer(command, intent))) return command;
  return intent && { kind: intent };
}

/** A moderator’s words to an author are passed on as they were written, with the stop at their end. */
function wordsOf(line: string, { verb, rest }: { verb: Verb; rest: string }): string {
  return verb === 'reject' ? (findVerb(line, true)?.rest ?? rest) : rest;
}

/** `"subscribe"` and `unsubscribe.`: marks that belong to the sentence, not to an argument. */
function unquote(line: string): string {
  return /^["'<*_(]/.test(line) ? stripMarks(line) : line.replace(/[.,;!]$/, '');
}

/** The grammar took words of a sentence for a person's name. */
function isVaguer(command: MailCommand, intent: 'join' | 'leave'): boolean {
  return command.kind !== intent || (command.kind === 'join' && command.name !== undefined);
}
