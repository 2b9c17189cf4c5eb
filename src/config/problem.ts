/** What is wrong with a configuration, all of it at once: where it stands, what was found and what is allowed. */
export interface Problem {
  readonly origin: Origin;
  /** `smtp.max_size`; absent when the file as a whole is meant. */
  readonly key?: string;
  /** A sentence that names the key. */
  readonly what: string;
}

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line?: number; readonly column?: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'trial' }
  | { readonly kind: 'default' };

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** `listwright.toml:12:1: smtp.max_size: found "25 Mb"; allowed: …`, as compilers and editors write it. */
export function describeProblem({ origin, what }: Problem): string {
  return origin.kind === 'default' || origin.kind === 'trial' ? what : `${describeOrigin(origin)}: ${what}`;
}

export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return [origin.file, origin.line, origin.column].filter((part) => part !== undefined).join(':');
    case 'environment':
      return origin.variable;
    case 'trial':
      return 'trial mode';
    case 'default':
      return 'default';
  }
}
