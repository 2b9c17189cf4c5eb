import Table from 'cli-table3';
import type { Figure, Spread } from './figure.ts';

const titles = (whose: string) => [
  '',
  'what',
  whose,
  'limit of this machine, same run',
  'ratio',
  'target',
  '',
];

/** A table for the terminal; `whose`: ours or theirs. */
export function renderFigures(figures: readonly Figure[], whose: string): string {
  const table = new Table({ head: titles(whose), style: { head: [], border: [] } });
  table.push(...figures.map((figure) => [...cellsOf(figure)]));
  return table.toString();
}

/** The same in Markdown. */
export function markdownOf(figures: readonly Figure[], whose: string): string {
  const rows = [titles(whose), titles(whose).map(() => '---'), ...figures.map(cellsOf)];
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function cellsOf({ target, what, unit, ours, limit, ratio, goal }: Figure): readonly string[] {
  return [
    String(target),
    what,
    `${spreadText(ours)} ${unit}`,
    limit ? `${limit.what}: ${spreadText(limit.measured)} ${unit}` : '',
    ratio === undefined ? '' : ratio.toFixed(2),
    goal?.text ?? '',
    goal ? (goal.met ? 'met' : 'not met') : '',
  ];
}

/** `12,345 [11,000–13,000]`. */
function spreadText({ median, min, max, runs }: Spread): string {
  return runs > 1 ? `${numberText(median)} [${numberText(min)}–${numberText(max)}]` : numberText(median);
}

/** Three digits are meant; more would be noise. */
function numberText(value: number): string {
  return value.toLocaleString('en', { maximumSignificantDigits: 3 });
}
