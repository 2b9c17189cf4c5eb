import { type Command, Option } from 'commander';
import { UsageError } from './exit.ts';

/** The words of a command about a list or the whole site. */
export interface PlaceWords {
  /** null: the whole site. */
  readonly list: string | null;
  /** The words after the list. */
  readonly rest: readonly string[];
}

/** Gives a command the arguments `<list> <pattern>`, say, of which `--site` replaces the first. */
export function placeArguments(command: Command, names: readonly string[]): Command {
  const rest = names.map((name) => `<${name}>`).join(' ');
  return command
    .usage(`[options] <list> ${rest} | --site ${rest}`)
    .argument('<words...>', `the list's address or local part, unless --site; then: ${names.join(', ')}`)
    .addOption(new Option('--site', 'for the whole site, instead of one list'));
}

/** Reads them; `names` are those of placeArguments. Throws UsageError. */
export function readPlace(
  words: readonly string[],
  { site = false }: { readonly site?: boolean },
  names: readonly string[],
): PlaceWords {
  if (words.length !== (site ? names.length : names.length + 1)) {
    const rest = names.map((name) => name.toUpperCase()).join(' ');
    throw new UsageError(
      `write LIST ${rest}, or --site ${rest}. Put quotes around what holds spaces or special characters.`,
    );
  }
  const [first = '', ...others] = words;
  return site ? { list: null, rest: words } : { list: first, rest: others };
}

/** For listings: one list's, with `--site` the whole site's, else everybody's. Throws UsageError. */
export function readPlaceFilter(
  list: string | undefined,
  { site = false }: { readonly site?: boolean },
): string | null | undefined {
  if (site && list !== undefined) throw new UsageError('Name a list, or --site, not both.');
  return site ? null : list;
}

/** How a sentence names it. */
export function describePlace(list: string | null): string {
  return list ?? 'the whole site';
}
