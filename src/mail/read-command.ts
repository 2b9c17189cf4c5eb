import type { Address } from '../domain/address.ts';
import { normalizeToken } from '../domain/token.ts';
import { type Arguments, readAddressWord } from './command-arguments.ts';
import type { Verb } from './command-verbs.ts';
import { type AddressVerb, type MailCommand, type SetOption, setOptions } from './mail-command.ts';

/**
 * The command a verb and its arguments make, or undefined when they make none: the line is then a sentence that happens to begin with
 * a verb. `ownList` is the name of the list that was written to; undefined at `listserv@`, where the first argument names the list.
 */
export function readCommand(
  verb: Verb,
  given: Arguments,
  ownList: string | undefined,
): MailCommand | undefined {
  const { list, args } = takeList(given, ownList);
  const site = ownList === undefined;
  const of = list === undefined ? {} : { list };
  switch (verb) {
    case 'help':
    case 'lists':
    case 'which':
      return given.words.length <= 1 ? { kind: verb } : undefined;
    case 'join':
      return site && list === undefined ? undefined : readJoin(args, of);
    case 'leave':
      return site && list === undefined ? undefined : readLeave(args, of);
    case 'confirm':
    case 'cancel':
      return readAnswer(verb, given);
    case 'approve':
    case 'reject':
    case 'discard':
      return readDecision(verb, given);
    case 'set':
      return readSet(args, of);
    case 'vacation':
      return readVacation(args, of);
    case 'name':
      return readNewName(args, of);
    case 'address':
      return readNewAddress(given);
    case 'status':
    case 'index':
    case 'pending':
    case 'hold':
    case 'free':
      return args.words.length === 0 ? { kind: verb, ...of } : undefined;
    case 'who':
      return readWho(args, of);
    case 'get':
      return readGet(args, of);
    case 'search':
      return args.text === '' ? undefined : { kind: 'search', query: args.text, ...of };
    case 'remove':
      return onlyAddress(args) ? withAddress('remove', args, of) : readCommand('leave', given, ownList);
    case 'invite':
    case 'add':
    case 'moderate':
    case 'unmoderate':
    case 'ban':
    case 'allow':
    case 'forget':
      return withAddress(verb, args, of);
    case 'lock':
    case 'unlock':
      return readLock(verb, args, of);
  }
}

type Of = { readonly list?: string };

/** Little words of people who write to a program as to a person: `unsubscribe me from birds`. */
const linking: ReadonlySet<string> = new Set(['me', 'to', 'from', 'on', 'the', 'list', 'please']);

/** Takes the list's name off: anybody's at `listserv@`, at the list's own address only its own, which says nothing new. */
function takeList(given: Arguments, ownList: string | undefined): { list?: string; args: Arguments } {
  const site = ownList === undefined;
  const at = site ? given.words.findIndex((word) => !linking.has(word.toLowerCase())) : 0;
  const word = given.words[at]?.replace(/^<|[>,.;]+$/g, '').toLowerCase();
  if (word === undefined) return { args: given };
  const isName = site ? isListName(word) : word === ownList || word === '*' || word.startsWith(`${ownList}@`);
  if (!isName) return { args: given };
  const words = given.words.slice(at + 1).filter((each) => !/^(?:please|thanks)$/i.test(each));
  const cut = given.text.toLowerCase().indexOf(word) + word.length;
  const args = { ...given, words, text: given.text.slice(cut).trim() };
  return site || word === '*' ? { list: word, args } : { args };
}

function isListName(word: string): boolean {
  return word === '*' || /^[a-z0-9][a-z0-9._-]{0,63}(?:@[a-z0-9.-]{1,253})?$/.test(word);
}

function readJoin({ words, named }: Arguments, of: Of): MailCommand | undefined {
  if ([...named.keys()].some((key) => key !== 'address' && key !== 'name')) return undefined;
  const [first = '', ...others] = words;
  const mode = first.toLowerCase();
  const hasMode = mode === 'digest' || mode === 'nomail';
  const rest = hasMode ? others : words;
  const address = readAddressWord(named.get('address') ?? rest.find((word) => word.includes('@')));
  const nameWords = rest.filter((word) => !word.includes('@'));
  const name = named.get('name') ?? readName(nameWords);
  if ((nameWords.length > 0 && name === undefined) || (wantsAddress(words, named) && !address))
    return undefined;
  return {
    kind: 'join',
    ...(hasMode ? { mode } : {}),
    ...(name ? { name } : {}),
    ...(address ? { address } : {}),
    ...of,
  };
}

/** One post by whatever name, or several by number or hash: "get well soon" asks for none. */
function readGet({ words }: Arguments, of: Of): MailCommand | undefined {
  const several = words.every((word) => /^(?:\d{1,9}|[a-z2-7]{32}),?$/i.test(word));
  return words.length === 1 || (words.length > 1 && several)
    ? { kind: 'get', what: words.join(' '), ...of }
    : undefined;
}

function readLeave({ words, named }: Arguments, of: Of): MailCommand | undefined {
  const address = readAddressWord(named.get('address') ?? words[0]);
  if (words.length > (address && !named.has('address') ? 1 : 0)) return undefined;
  if (wantsAddress(words, named) && !address) return undefined;
  return { kind: 'leave', ...(address ? { address } : {}), ...of };
}

function wantsAddress(words: readonly string[], named: ReadonlyMap<string, string>): boolean {
  return named.has('address') || words.some((word) => word.includes('@'));
}

/** A person's name, in at most five words of letters; undefined for anything else. */
function readName(words: readonly string[]): string | undefined {
  const name = words.join(' ');
  const parts = name.split(' ');
  const plausible =
    parts.length <= 5 && name.length <= 80 && parts.every((part) => /^[\p{L}\p{M}'.-]+$/u.test(part));
  return plausible ? name : undefined;
}

function readNewName({ words }: Arguments, of: Of): MailCommand | undefined {
  const name = words.length > 0 ? readName(words) : undefined;
  return name === undefined ? undefined : { kind: 'name', name, ...of };
}

function readNewAddress(given: Arguments): MailCommand | undefined {
  const address = onlyAddress(given);
  return address && { kind: 'address', address };
}

function readAnswer(kind: 'confirm' | 'cancel', { words }: Arguments): MailCommand | undefined {
  const token = readToken(words[0]);
  return token !== undefined && words.length === 1 ? { kind, token } : undefined;
}

/** `reject 412 too long for us`, `approve #412`, `discard TOKEN`. */
function readDecision(kind: 'approve' | 'reject' | 'discard', { words }: Arguments): MailCommand | undefined {
  const [first = '', ...others] = words;
  const [, digits] = /^#?(\d{1,10})[.,;:]?$/.exec(first) ?? [];
  const token = readToken(first);
  if (digits === undefined && token === undefined) return undefined;
  const held = token === undefined ? { id: Number(digits) } : { token };
  const reason = others.join(' ');
  return { kind, held, ...(reason ? { reason } : {}) };
}

function readToken(word = ''): string | undefined {
  return normalizeToken(word.replace(/[.,;:]$/, ''));
}

/** `review pending`: not the members, but what waits. */
function readWho({ words }: Arguments, of: Of): MailCommand | undefined {
  if (words.length === 0) return { kind: 'who', ...of };
  return words.length === 1 && words[0]?.toLowerCase() === 'pending' ? { kind: 'pending', ...of } : undefined;
}

function readLock(kind: 'lock' | 'unlock', { words }: Arguments, of: Of): MailCommand | undefined {
  const [post = ''] = words;
  const isPost = /^(?:#?\d{1,9}|[a-z2-7]{32})$/i.test(post);
  return words.length === 1 && isPost ? { kind, post: post.replace(/^#/, ''), ...of } : undefined;
}

/** LISTSERV's `SET birds DIGEST NOACK` sets two things at once. */
function readSet({ words }: Arguments, of: Of): MailCommand | undefined {
  const options = words.map((word) => word.toLowerCase());
  return options.length > 0 && options.every(isSetOption) ? { kind: 'set', options, ...of } : undefined;
}

function isSetOption(word: string): word is SetOption {
  return (setOptions as readonly string[]).includes(word);
}

/** `vacation until 2026-12-31`, `vacation off` */
function readVacation({ words }: Arguments, of: Of): MailCommand | undefined {
  const [last = '', ...before] = [...words].reverse();
  if (before.length > 1 || (before[0] !== undefined && before[0].toLowerCase() !== 'until')) return undefined;
  if (before.length === 0 && /^(off|end|over)$/i.test(last)) return { kind: 'vacation', ...of };
  const day = /^\d{4}-\d{2}-\d{2}$/.test(last) ? Date.parse(`${last}T00:00:00Z`) : Number.NaN;
  return Number.isNaN(day) ? undefined : { kind: 'vacation', until: last, ...of };
}

function onlyAddress({ words, named }: Arguments): Address | undefined {
  return words.length === 1 && named.size === 0 ? readAddressWord(words[0]) : undefined;
}

function withAddress(kind: AddressVerb, args: Arguments, of: Of): MailCommand | undefined {
  const address = onlyAddress(args);
  return address && { kind, address, ...of };
}
