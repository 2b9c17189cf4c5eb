import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { configKeys, configSections } from '../../src/config/keys.ts';
import { exampleToml, referenceMarkdown } from '../../src/config/reference.ts';
import { configSchema } from '../../src/config/schema.ts';

const defaults = configSchema.parse(
  Object.fromEntries(configSections.filter(({ name }) => name !== '').map(({ name }) => [name, {}])),
);

describe('the example file', () => {
  it('as it is sets nothing', () => {
    expect(configSchema.parse(parse(exampleToml()))).toEqual(defaults);
  });

  it('with every # taken away says every default', () => {
    const uncommented = parse(exampleToml().replace(/^#(?=[a-z_]+ = )/gm, ''));
    expect(configSchema.parse(uncommented)).toEqual(defaults);
    const written = Object.entries(uncommented).flatMap(([name, value]) =>
      value && typeof value === 'object' && !Array.isArray(value)
        ? Object.keys(value).map((key) => `${name}.${key}`)
        : [name],
    );
    expect(written).toEqual(configKeys.map(({ path }) => path));
  });

  it('has no line that is tiresome to read', () => {
    expect(
      exampleToml()
        .split('\n')
        .filter((line) => line.length > 100),
    ).toEqual([]);
  });
});

describe('every key', () => {
  it.each(configKeys.map((key) => [key.path, key] as const))(
    '%s has a default that it allows, and a manual',
    (path, key) => {
      expect(key.kind.parse(key.standard)).not.toBeUndefined();
      expect(key.description).toMatch(/^[A-Z`].*\.$/);
      expect(referenceMarkdown()).toContain(`### ${path}\n\n${key.description}\n`);
    },
  );

  it('can be set by a variable of its own', () => {
    const variables = configKeys.map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(configKeys.length);
    expect(variables).toContain('LISTWRIGHT_SMTP__LISTEN');
    expect(variables).toContain('LISTWRIGHT_HOSTNAME');
  });
});
