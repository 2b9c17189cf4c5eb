import { Command } from 'commander';
import type { ConfigSource, LoadedConfig } from '../../config/load.ts';
import { ConfigError, describeOrigin, describeProblem, type Problem } from '../../config/problem.ts';
import { exampleToml, referenceMarkdown } from '../../config/reference.ts';
import { describeSource, shownOrigins, shownToml, shownTree } from '../../config/show.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Frame } from '../frame.ts';

export function configCommand(frame: Frame): Command {
  const config = new Command('config').description('Check, show and explain the configuration.');

  config
    .command('check')
    .description(
      'Say everything that is wrong with the configuration: errors, then warnings, in the order of the manual. Exit status 1 where there is an error.',
    )
    .action(() => check(frame));

  config
    .command('show')
    .description('Print the configuration in force, and where each value comes from, without passwords.')
    .action(() => {
      const loaded = frame.config();
      frame.output.raw(shownToml(loaded), {
        source: shownSource(loaded.source),
        config: shownTree(loaded),
        origins: shownOrigins(loaded),
      });
    });

  config
    .command('reference')
    .description('Print the manual of every key.')
    .option('--example', 'print a commented configuration file instead')
    .action((options: { readonly example?: boolean }) => {
      frame.output.raw(options.example ? exampleToml() : referenceMarkdown());
    });

  return config;
}

function check({ config, output }: Frame): void {
  const { loaded, problems } = judge(config);
  const ok = problems.length === 0;
  const warnings = loaded?.warnings ?? [];
  if (!output.json) {
    for (const problem of problems) output.note(`error: ${describeProblem(problem)}`);
    for (const warning of warnings) output.note(`warning: ${warning}`);
  }
  if (ok || output.json) {
    output.done(loaded ? verdict(describeSource(loaded.source), warnings.length) : '', {
      ok,
      source: loaded ? shownSource(loaded.source) : null,
      problems: problems.map(({ origin, key, what }) => ({
        where: describeOrigin(origin),
        key: key ?? null,
        what,
      })),
      warnings,
    });
  }
  if (!ok) throw new Refusal('invalid', describeErrors(problems.length, loaded));
}

/** `file`: null where there is none. */
function shownSource(source: ConfigSource) {
  return { kind: source.kind, file: source.kind === 'file' ? source.file : null };
}

function verdict(source: string, warnings: number): string {
  if (warnings === 0) return `Nothing is wrong with ${source}.`;
  return `“serve” would start with ${source}, but look at ${theWarnings(warnings)} above first.`;
}

/** One that cannot be read stops every command; one that lacks something only “serve”. */
function describeErrors(errors: number, loaded: LoadedConfig | undefined): string {
  const them = errors === 1 ? 'the error' : `the ${errors} errors`;
  if (!loaded)
    return `No command takes this configuration before ${them} above ${errors === 1 ? 'is' : 'are'} mended; what it lacks besides is seen then.`;
  const also = loaded.warnings.length === 0 ? '' : `, and look at ${theWarnings(loaded.warnings.length)}`;
  return `“serve” would not start with ${describeSource(loaded.source)}: mend ${them} above${also}.`;
}

function theWarnings(warnings: number): string {
  return warnings === 1 ? 'the warning' : `the ${warnings} warnings`;
}

function judge(load: () => LoadedConfig): {
  readonly loaded?: LoadedConfig;
  readonly problems: readonly Problem[];
} {
  try {
    const loaded = load();
    return { loaded, problems: loaded.startProblems };
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems };
    throw error;
  }
}
