import { z } from 'zod';
import type { Kind } from './values.ts';

/** What the loader, the environment and the reference know of a key beside its type. */
export interface KeyFacts {
  readonly kind: Kind<unknown>;
  /** As it would be written in TOML. */
  readonly standard: string | number | boolean | readonly string[];
  readonly description: string;
}

export const keyFacts = z.registry<KeyFacts>();
export const sectionFacts = z.registry<{ readonly description: string }>();

/** One key: `standard` is what it has where nothing is set, in the same form in which a file would say it. */
export function key<T>(kind: Kind<T>, standard: KeyFacts['standard'], description: string) {
  return z
    .unknown()
    .transform((found, context): T => {
      const value = kind.parse(found);
      if (value !== undefined) return value;
      context.addIssue({ code: 'custom', message: kind.allowed });
      return z.NEVER;
    })
    .prefault(standard)
    .register(keyFacts, { kind, standard, description });
}

/** One `[table]` of the file. */
export function section<S extends z.ZodRawShape>(description: string, shape: S) {
  return z.strictObject(shape).register(sectionFacts, { description });
}
