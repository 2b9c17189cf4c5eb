import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { locateKeys, placeOfPath } from '../../src/config/locate.ts';

const sample = `# a comment with [smtp] and listen = 1
hostname = "lists.example.org" # [not.a.table]
domains = [
  "a.example", # listen = 2
  'b = "c"',
]
dkim.sign = true
"quoted key" = 1

[smtp]
  listen = ["127.0.0.1:2525"]
text = """
max_size = "not here"
"""
literal = '''
[nor.here] " \\'''
when = 1979-05-27 07:32:00
max_size = "25 MiB"
[ delivery ]
inline = { connections = 3, deep = { retry = "x" } }
[[tables]]
name = 1
[limits.deep]
x = -1_000.5e3
`;

describe('a key of a TOML file is found', () => {
  it.each([
    ['hostname', 2, 1],
    ['domains', 3, 1],
    ['dkim.sign', 7, 1],
    ['dkim', 7, 1],
    ['quoted key', 8, 1],
    ['smtp', 10, 1],
    ['smtp.listen', 11, 3],
    ['smtp.text', 12, 1],
    ['smtp.literal', 15, 1],
    ['smtp.when', 17, 1],
    ['smtp.max_size', 18, 1],
    ['delivery', 19, 1],
    ['delivery.inline', 20, 1],
    ['delivery.inline.connections', 20, 12],
    ['delivery.inline.deep.retry', 20, 38],
    ['tables.name', 22, 1],
    ['limits.deep.x', 24, 1],
  ])('%s at %i:%i', (path, line, column) => {
    parse(sample);
    expect(locateKeys(sample).get(path)).toEqual({ line, column });
  });

  it('or the table that would hold it', () => {
    expect(placeOfPath(locateKeys(sample), 'smtp.nothing')).toEqual({ line: 10, column: 1 });
    expect(placeOfPath(locateKeys(sample), 'nothing')).toBeUndefined();
  });

  it('in any document that can be written', () => {
    const name = fc.string({ minLength: 1, unit: fc.constantFrom('a', 'b', '-', '_', '1') });
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string(), { maxLength: 3 }));
    const table = fc.dictionary(name, leaf, { maxKeys: 4 });
    fc.assert(
      fc.property(fc.dictionary(name, fc.oneof(leaf, table), { maxKeys: 5 }), (document) => {
        const toml = stringify(document);
        const places = locateKeys(toml);
        for (const [key, value] of Object.entries(document)) {
          const inner = typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
          for (const path of [key, ...inner.map((each) => `${key}.${each}`)]) {
            const line = toml.split('\n')[(places.get(path)?.line ?? 0) - 1];
            expect(line, `${path} in\n${toml}`).toContain(path.slice(path.indexOf('.') + 1));
          }
        }
      }),
    );
  });

  it('and no text makes it hang', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'a.="\'[]{}\n#,\\ 1') }),
        (text) => void locateKeys(text),
      ),
    );
  });
});
