import { nearest } from './did-you-mean.ts';
import { configKeys } from './keys.ts';
import type { Override } from './raw.ts';

export interface FromEnvironment {
  readonly overrides: readonly Override[];
  /** A variable that names no key: likely a slip, but it may also belong to something else, so it stops nothing. */
  readonly warnings: readonly string[];
}

/** `LISTWRIGHT_SMTP__LISTEN=0.0.0.0:25` overrides `smtp.listen`; lists are comma separated. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): FromEnvironment {
  const names = Object.keys(env).filter((name) => name.startsWith('LISTWRIGHT_') && !notKeys.has(name));
  const overrides = configKeys.flatMap(({ path, variable, kind }) => {
    const text = env[variable];
    const origin = { kind: 'environment', variable } as const;
    return text === undefined ? [] : [{ path, value: kind.fromText?.(text) ?? text, origin }];
  });
  const known = configKeys.map(({ variable }) => variable);
  const warnings = names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known);
      return `${name} names no configuration key and is ignored${meant ? `. Did you mean ${meant}?` : ''}`;
    });
  return { overrides, warnings };
}

/** Variables of ours that stand for no key: the file's name, and two that only tests read. */
const notKeys = new Set([
  'LISTWRIGHT_CONFIG',
  'LISTWRIGHT_CORPORA',
  'LISTWRIGHT_REQUIRE_PEERS',
  'LISTWRIGHT_FAULT_ROUNDS',
]);
