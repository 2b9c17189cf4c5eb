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
const maxLines = 10;
const maxLine = 200;

/**
 * The commands of a mail: its subject first, then the person's own text. Lines that are no command are passed over until the first
 * that is one; after that the first such line ends it (it is the signature). Empty: nothing was understood.
 */
export function parseCommands(subject: string, ownText: string, scope: CommandScope): MailCommand[] {
  const lines = [subjectText(subject), ...ownText.split('\n')]
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const commands: MailCommand[] = [];
  for (const line of lines.slice(0, maxLines + 1)) {
    // A mail that says nothing but "stop" asks for something; after a command the word ends the mail.
    if (isStopWord(line) && (commands.length > 0 || scope.site)) break;
    const command = readLine(line, scope);
    if (!command && commands.length > 0 && line !== lines[0]) break;
    if (command && !commands.some((earlier) => isSame(earlier, command))) commands.push(command);
  }
  return commands;
}

/** Without reply markers and tags, in the case it was written in. */
function subjectText(subject: string): string {
  const text = subject.replace(/\s+/g, ' ').trim();
  const { base } = baseSubject(text);
  return base.length <= text.length ? text.slice(text.length - base.length) : text;
}

/** Mail programs put the same word into subject and body. */
function isSame(a: MailCommand, b: MailCommand): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
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
