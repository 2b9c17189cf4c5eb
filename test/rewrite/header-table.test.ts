import { describe, expect, test } from 'vitest';
import { claimsTrustedResults } from '../../src/rewrite/header-table.ts';

const ids = ['lists.example.org', 'MX.example.net'];

describe('Authentication-Results that a copy does not carry on', () => {
  test.each<[string, string, boolean]>([
    ['ours', 'lists.example.org; dmarc=pass', true],
    ['ours in other letters', 'Lists.Example.ORG;dmarc=pass', true],
    ['of the server in front', 'mx.example.net 1; dmarc=pass', true],
    ['ours after a comment', '(a (nested) comment) lists.example.org; dmarc=pass', true],
    ['ours in quotes', '"lists.example.org"; dmarc=pass', true],
    ['ours, and otherwise malformed', 'lists.example.org; dmarc=((', true],
    ['of somebody else', 'mx.example.com; dmarc=pass', false],
    ['of somebody whose name begins alike', 'lists.example.org.example.com; dmarc=pass', false],
    ['ours with a version in the name', 'lists.example.org/1; dmarc=pass', true],
    ['ours with a dot at the end', 'lists.example.org. ; dmarc=pass', true],
    [
      'ours behind more comments than anybody reads',
      `${'('.repeat(22)}${')'.repeat(22)} lists.example.org;`,
      true,
    ],
    ['ours behind a longer one', `(${'x'.repeat(17_000)}) lists.example.org; dmarc=pass`, true],
    ['of nobody', '; dmarc=pass', true],
  ])('%s: %s', (_, value, expected) => {
    expect(claimsTrustedResults(value, ids)).toBe(expected);
  });
});
